-- name: register
INSERT INTO identity_person (tenant, number_index, number_sealed, pid_sealed, enrolled_at)
SELECT %(tenant)s, number_index, number_sealed, pid_sealed, %(at)s
  FROM unnest(%(indices)s::bytea[], %(numbers)s::bytea[], %(pids)s::bytea[])
       AS given (number_index, number_sealed, pid_sealed)
    ON CONFLICT (tenant, number_index) DO NOTHING
RETURNING number_index;

-- name: standing
SELECT number_index, enrolled_at, closed_at
  FROM identity_person
 WHERE tenant = %(tenant)s AND number_index = ANY (%(indices)s::bytea[]);

-- name: pids
SELECT number_index, pid_sealed
  FROM identity_person
 WHERE tenant = %(tenant)s AND number_index = ANY (%(indices)s::bytea[]) AND closed_at IS NULL;

-- name: persons_kept
-- Locked for the length of the transaction: who is noted as a holder now is seen by whoever
-- closes the number or changes the pid next.
SELECT number_index, pid_sealed, person
  FROM identity_person
 WHERE tenant = %(tenant)s AND number_index = ANY (%(indices)s::bytea[]) AND closed_at IS NULL
 ORDER BY number_index
   FOR SHARE;

-- name: hold
INSERT INTO identity_holder (tenant, person, organisation)
SELECT %(tenant)s, person, %(organisation)s
  FROM unnest(%(persons)s::uuid[]) AS given (person)
 ORDER BY person
    ON CONFLICT DO NOTHING;

-- name: one_request
-- Of two equal orders at once the second waits, and finds the answer of the first.
SELECT pg_advisory_xact_lock(
    hashtextextended('identity_step ' || %(tenant)s::text || ' ' || %(request)s::text, 0));

-- name: step
SELECT kind, asked, after_index, other_index
  FROM identity_step
 WHERE tenant = %(tenant)s AND request = %(request)s;

-- name: keep_step
INSERT INTO identity_step (tenant, request, kind, asked, person, other, before_index, after_index,
                           other_index, ordered_by, taken_by, reason, at)
VALUES (%(tenant)s, %(request)s, %(kind)s, %(asked)s, %(person)s, %(other)s, %(before)s, %(after)s,
        %(other_index)s, %(ordered_by)s, %(taken_by)s, %(reason)s, %(at)s);

-- name: numbers
SELECT number_index, number_sealed
  FROM identity_person
 WHERE tenant = %(tenant)s AND number_index = ANY (%(indices)s::bytea[]);

-- name: add_number
INSERT INTO identity_person (tenant, number_index, number_sealed, pid_sealed, enrolled_at, person)
VALUES (%(tenant)s, %(index)s, %(number)s, %(pid)s, %(at)s, %(person)s)
    ON CONFLICT (tenant, number_index) DO NOTHING;

-- name: take_up
-- Lock numbers in the order of their index, so that two orders do not wait for each other.
SELECT number_index, person, pid_sealed
  FROM identity_person
 WHERE tenant = %(tenant)s AND number_index = ANY (%(indices)s::bytea[]) AND closed_at IS NULL
 ORDER BY number_index
   FOR NO KEY UPDATE;

-- name: state
SELECT person, closed_for
  FROM identity_person
 WHERE tenant = %(tenant)s AND number_index = %(index)s;

-- name: close_number
UPDATE identity_person
   SET closed_at = %(at)s, closed_for = %(closed_for)s
 WHERE tenant = %(tenant)s AND number_index = %(index)s AND closed_at IS NULL;

-- name: reseal_pid
UPDATE identity_person
   SET pid_sealed = %(pid)s
 WHERE tenant = %(tenant)s AND number_index = %(index)s AND closed_at IS NULL;

-- name: add_basis
INSERT INTO identity_basis (tenant, basis_index, person)
VALUES (%(tenant)s, %(basis)s, %(person)s)
    ON CONFLICT (tenant, basis_index) DO NOTHING;

-- name: move_bases
UPDATE identity_basis SET person = %(person)s WHERE tenant = %(tenant)s AND person = %(other)s;

-- name: holders
-- Who was issued a code, and who succeeds them.
WITH RECURSIVE told AS (
SELECT organisation FROM identity_holder WHERE tenant = %(tenant)s AND person = %(person)s
 UNION
SELECT heir.successor
  FROM told
  JOIN identity_heir AS heir ON heir.tenant = %(tenant)s AND heir.predecessor = told.organisation)
SELECT organisation FROM told ORDER BY organisation;

-- name: add_heirs
INSERT INTO identity_heir (tenant, predecessor, successor)
SELECT %(tenant)s, predecessor, successor
  FROM unnest(%(predecessors)s::text[], %(successors)s::text[]) AS given (predecessor, successor)
    ON CONFLICT DO NOTHING
RETURNING predecessor, successor;

-- name: heirs_of
WITH RECURSIVE told AS (
SELECT %(organisation)s::text AS organisation
 UNION
SELECT heir.successor
  FROM told
  JOIN identity_heir AS heir ON heir.tenant = %(tenant)s AND heir.predecessor = told.organisation)
SELECT organisation FROM told ORDER BY organisation;

-- name: add_closing
INSERT INTO identity_closing (tenant, request, ordered_at, old_sealed, new_sealed)
VALUES (%(tenant)s, %(request)s, %(at)s, %(old)s, %(new)s);

-- name: closings
SELECT position, request, old_sealed, new_sealed
  FROM identity_closing
 WHERE tenant = %(tenant)s
 ORDER BY position
 LIMIT %(limit)s;

-- name: drop_closings
DELETE FROM identity_closing
 WHERE tenant = %(tenant)s AND position = ANY (%(positions)s::bigint[]);

-- name: closings_waiting
SELECT count(*), min(ordered_at) FROM identity_closing WHERE tenant = %(tenant)s;

-- name: follow_up
INSERT INTO identity_follow_up (tenant, at) VALUES (%(tenant)s, %(at)s)
    ON CONFLICT (tenant) DO UPDATE SET at = excluded.at;

-- name: followed_up
SELECT at FROM identity_follow_up WHERE tenant = %(tenant)s;

-- name: move_holders
INSERT INTO identity_holder (tenant, person, organisation)
SELECT tenant, %(person)s, organisation
  FROM identity_holder
 WHERE tenant = %(tenant)s AND person = %(other)s
    ON CONFLICT DO NOTHING;

-- name: drop_holders
DELETE FROM identity_holder WHERE tenant = %(tenant)s AND person = %(person)s;

-- name: one_succession
-- A position is visible only after all before it: whoever reads up to one has missed none.
SELECT pg_advisory_xact_lock(hashtextextended('identity_succession ' || %(tenant)s::text, 0));

-- name: add_successions
INSERT INTO identity_succession (tenant, organisation, request, kind, old_sealed, new_sealed)
SELECT %(tenant)s, organisation, %(request)s, %(kind)s, old_sealed, nullif(new_sealed, '')
  FROM unnest(%(organisations)s::text[], %(olds)s::bytea[], %(news)s::bytea[])
       AS given (organisation, old_sealed, new_sealed);

-- name: drop_successions
DELETE FROM identity_succession
 WHERE tenant = %(tenant)s AND organisation = %(organisation)s AND position <= %(after)s;

-- name: successions
SELECT position, kind, request, old_sealed, new_sealed
  FROM identity_succession
 WHERE tenant = %(tenant)s AND organisation = %(organisation)s AND position > %(after)s
 ORDER BY position
 LIMIT %(limit)s;

-- name: numbers_of
SELECT number_index, number_sealed, enrolled_at, closed_at, closed_for
  FROM identity_person
 WHERE tenant = %(tenant)s AND person = %(person)s
 ORDER BY enrolled_at, closed_at NULLS LAST;

-- name: steps_of
SELECT request, kind, ordered_by, taken_by, reason, at
  FROM identity_step
 WHERE tenant = %(tenant)s AND (person = %(person)s OR other = %(person)s)
 ORDER BY at, request;

-- name: one_keeper
-- One transaction at a time keeps codes of an organisation, so that no code is lost between two.
SELECT pg_advisory_xact_lock(hashtextextended('identity_code ' || %(tenant)s::text, 0));

-- name: drop_older
DELETE FROM identity_code
 USING unnest(%(persons)s::text[], %(versions)s::integer[], %(codes)s::text[])
       AS given (person, kv, code)
 WHERE identity_code.tenant = %(tenant)s AND identity_code.person = given.person
   AND identity_code.kv = given.kv AND identity_code.code <> given.code
RETURNING identity_code.person;

-- name: keep_codes
INSERT INTO identity_code (tenant, person, kv, code, nym_sealed)
SELECT %(tenant)s, person, kv, code, nym_sealed
  FROM unnest(%(persons)s::text[], %(versions)s::integer[], %(codes)s::text[], %(nyms)s::bytea[])
       AS given (person, kv, code, nym_sealed)
 ORDER BY person, kv
    ON CONFLICT DO NOTHING;

-- name: shared
SELECT DISTINCT given.person, held.person
  FROM unnest(%(persons)s::text[], %(codes)s::text[]) AS given (person, code)
  JOIN identity_code AS held
    ON held.tenant = %(tenant)s AND held.code = given.code AND held.person <> given.person
 ORDER BY given.person;

-- name: not_shared
-- Who has a code is nobody else here.
DELETE FROM identity_shared
 WHERE tenant = %(tenant)s AND person = ANY (%(persons)s::text[])
   AND EXISTS (SELECT FROM identity_code AS held
                WHERE held.tenant = identity_shared.tenant AND held.person = identity_shared.person);

-- name: keep_shared
INSERT INTO identity_shared (tenant, person, kept_as)
SELECT %(tenant)s, person, kept_as
  FROM unnest(%(persons)s::text[], %(kept_as)s::text[]) AS given (person, kept_as)
 ORDER BY person
    ON CONFLICT (tenant, person) DO UPDATE SET kept_as = excluded.kept_as;

-- name: part
-- These are no longer anybody else as well.
DELETE FROM identity_shared
 WHERE tenant = %(tenant)s AND kept_as = ANY (%(persons)s::text[]);

-- name: code_of
SELECT nym_sealed, kv
  FROM identity_code
 WHERE tenant = %(tenant)s AND person = %(person)s
 ORDER BY kv DESC
 LIMIT 1;

-- name: display_codes
SELECT kv, code FROM identity_code
 WHERE tenant = %(tenant)s AND person = %(person)s
 ORDER BY kv DESC;

-- name: codes_of
SELECT DISTINCT ON (person) person, nym_sealed, kv
  FROM identity_code
 WHERE tenant = %(tenant)s AND person = ANY (%(persons)s::text[])
 ORDER BY person, kv DESC;

-- name: people_with_codes
SELECT DISTINCT person FROM identity_code WHERE tenant = %(tenant)s ORDER BY person;

-- name: one_code
SELECT code FROM identity_code WHERE tenant = %(tenant)s LIMIT 1;

-- name: to_rotate
SELECT old.person, old.nym_sealed
  FROM identity_code AS old
 WHERE old.tenant = %(tenant)s AND old.kv = %(before)s AND old.person > %(behind)s
   AND NOT EXISTS (SELECT FROM identity_code AS done
                    WHERE done.tenant = old.tenant AND done.person = old.person
                      AND done.kv = %(after)s)
 ORDER BY old.person
 LIMIT %(limit)s;

-- name: not_rotated
-- Strangers too, if there is a factor: one that was lost carries nobody over.
SELECT (SELECT count(*)
          FROM identity_code AS old
         WHERE old.tenant = %(tenant)s AND old.kv = %(kv)s
           AND NOT EXISTS (SELECT FROM identity_code AS newer
                            WHERE newer.tenant = old.tenant AND newer.person = old.person
                              AND newer.kv > old.kv))
     + (SELECT count(*)
          FROM identity_stranger AS old
          JOIN identity_rotation AS turn
            ON turn.tenant = old.tenant AND turn.before = old.kv
         WHERE old.tenant = %(tenant)s AND old.kv = %(kv)s);

-- name: forget_codes
DELETE FROM identity_code WHERE tenant = %(tenant)s AND kv = %(kv)s;

-- name: persons_of
SELECT code, person FROM identity_code
 WHERE tenant = %(tenant)s AND code = ANY (%(codes)s::text[]);

-- name: drop_codes
DELETE FROM identity_code WHERE tenant = %(tenant)s AND code = ANY (%(codes)s::text[]);

-- name: keep_factor
INSERT INTO identity_rotation (tenant, before, after, factor_sealed)
VALUES (%(tenant)s, %(before)s, %(after)s, %(factor)s)
    ON CONFLICT (tenant, before) DO NOTHING;

-- name: factors
SELECT before, after, factor_sealed FROM identity_rotation WHERE tenant = %(tenant)s;

-- name: forget_factor
DELETE FROM identity_rotation WHERE tenant = %(tenant)s AND before = %(kv)s;

-- name: stranger_with
SELECT stranger FROM identity_stranger
 WHERE tenant = %(tenant)s AND code = ANY (%(codes)s::text[]);

-- name: keep_stranger
INSERT INTO identity_stranger (tenant, stranger, kv, code, nym_sealed)
VALUES (%(tenant)s, %(stranger)s, %(kv)s, %(code)s, %(nym)s);

-- name: strangers_of_version
SELECT stranger, nym_sealed FROM identity_stranger
 WHERE tenant = %(tenant)s AND kv = %(kv)s
 ORDER BY stranger
 LIMIT %(limit)s;

-- name: change_stranger
UPDATE identity_stranger
   SET kv = %(kv)s, code = %(code)s, nym_sealed = %(nym)s
 WHERE tenant = %(tenant)s AND stranger = %(stranger)s;

-- name: drop_stranger
DELETE FROM identity_stranger WHERE tenant = %(tenant)s AND stranger = %(stranger)s;

-- name: take_in
-- Who was a stranger and has a code of the house's people: the chains go on in the person's.
WITH known AS (
    DELETE FROM identity_stranger AS s
     USING identity_code AS held
     WHERE s.tenant = %(tenant)s AND s.code = ANY (%(codes)s::text[])
       AND held.tenant = s.tenant AND held.code = s.code
 RETURNING s.stranger, held.person)
UPDATE identity_chain AS chain
   SET person = known.person, stranger = NULL, ended = true
  FROM known
 WHERE chain.tenant = %(tenant)s AND chain.stranger = known.stranger;

-- name: chains_for
SELECT DISTINCT ON (person) person, chain, secret_sealed, code_person, code_kv
  FROM identity_chain
 WHERE tenant = %(tenant)s AND person = ANY (%(persons)s::text[]) AND NOT ended
 ORDER BY person, chain;

-- name: history_of
-- Of a person and of every number that is this person's too; what is entered into stands first.
WITH RECURSIVE one (person) AS (
    SELECT %(person)s::text
     UNION
    SELECT shared.person
      FROM identity_shared AS shared
      JOIN one ON shared.kept_as = one.person
     WHERE shared.tenant = %(tenant)s)
SELECT NOT ended AND person = %(person)s AS entered,
       chain, secret_sealed, code_person, code_kv
  FROM identity_chain
 WHERE tenant = %(tenant)s AND person = ANY (SELECT person FROM one)
 ORDER BY entered DESC, chain;

-- name: history_of_stranger
SELECT NOT ended AS entered, chain, secret_sealed, code_person, code_kv
  FROM identity_chain
 WHERE tenant = %(tenant)s AND stranger = %(stranger)s
 ORDER BY entered DESC, chain;

-- name: begin_chains
INSERT INTO identity_chain (tenant, chain, person, stranger, secret_sealed)
SELECT %(tenant)s, chain, person, stranger, secret_sealed
  FROM unnest(%(chains)s::uuid[], %(persons)s::text[], %(strangers)s::uuid[],
              %(secrets)s::bytea[]) AS given (chain, person, stranger, secret_sealed);

-- name: end_chains
UPDATE identity_chain
   SET ended = true
 WHERE tenant = %(tenant)s AND person = ANY (%(persons)s::text[]) AND NOT ended;

-- name: end_chains_of_stranger
UPDATE identity_chain
   SET ended = true
 WHERE tenant = %(tenant)s AND stranger = %(stranger)s AND NOT ended;

-- name: move_chains_of_stranger
UPDATE identity_chain
   SET person = %(person)s, stranger = %(other)s, ended = true
 WHERE tenant = %(tenant)s AND stranger = %(stranger)s;

-- name: person_of
SELECT person FROM identity_code WHERE tenant = %(tenant)s AND code = %(code)s;

-- name: enrol
INSERT INTO identity_handle (tenant, handle)
SELECT %(tenant)s, handle FROM unnest(%(handles)s::bytea[]) AS given (handle)
    ON CONFLICT (tenant, handle) DO NOTHING;

-- name: known
SELECT closed_at FROM identity_handle WHERE tenant = %(tenant)s AND handle = %(handle)s;

-- name: one_corporate_order
SELECT pg_advisory_xact_lock(
    hashtextextended('identity_corporate_event ' || %(tenant)s::text, 0));

-- name: corporate_order
SELECT asked, number
  FROM identity_corporate_event
 WHERE tenant = %(tenant)s AND request = %(request)s;

-- name: take_up_corporation
SELECT number, name, kana, postal_code, address, assigned_on, changed_on, closed_on, closed_for,
       successor, synthetic
  FROM identity_corporation
 WHERE tenant = %(tenant)s AND number = %(number)s
   FOR NO KEY UPDATE;

-- name: corporation
SELECT number, name, kana, postal_code, address, assigned_on, changed_on, closed_on, closed_for,
       successor, synthetic
  FROM identity_corporation
 WHERE tenant = %(tenant)s AND number = %(number)s;

-- name: add_corporation
INSERT INTO identity_corporation (tenant, number, name, kana, postal_code, address, assigned_on,
                                  changed_on, synthetic, name_folded, kana_folded, address_folded)
VALUES (%(tenant)s, %(number)s, %(name)s, %(kana)s, %(postal_code)s, %(address)s, %(on)s, %(on)s,
        %(synthetic)s, %(name_folded)s, %(kana_folded)s, %(address_folded)s)
    ON CONFLICT (tenant, number) DO NOTHING;

-- name: change_corporation
UPDATE identity_corporation
   SET name = %(name)s, kana = %(kana)s, postal_code = %(postal_code)s, address = %(address)s,
       changed_on = %(on)s, closed_on = %(closed_on)s, closed_for = %(closed_for)s,
       successor = %(successor)s, name_folded = %(name_folded)s, kana_folded = %(kana_folded)s,
       address_folded = %(address_folded)s
 WHERE tenant = %(tenant)s AND number = %(number)s;

-- name: keep_corporate_event
INSERT INTO identity_corporate_event (tenant, number, seq, kind, happened_on, name, kana,
                                      postal_code, address, closed_for, successor, request, asked,
                                      at)
SELECT %(tenant)s, %(number)s, 1 + count(*), %(kind)s, %(on)s, %(name)s, %(kana)s,
       %(postal_code)s, %(address)s, %(closed_for)s, %(successor)s, %(request)s, %(asked)s, %(at)s
  FROM identity_corporate_event
 WHERE tenant = %(tenant)s AND number = %(number)s;

-- name: corporate_events
SELECT seq, kind, happened_on, name, kana, postal_code, address, closed_for, successor
  FROM identity_corporate_event
 WHERE tenant = %(tenant)s AND number = %(number)s
 ORDER BY seq;

-- name: drop_corporate_pairs
DELETE FROM identity_corporate_pair WHERE tenant = %(tenant)s AND number = %(number)s;

-- name: add_corporate_pairs
INSERT INTO identity_corporate_pair (tenant, pair, number)
SELECT %(tenant)s, pair, %(number)s FROM unnest(%(pairs)s::text[]) AS given (pair);

-- name: rarest_pair
-- Beyond a thousand a pair is common: which of the common ones is rarest does not matter.
SELECT given.pair
  FROM unnest(%(pairs)s::text[]) AS given (pair)
 CROSS JOIN LATERAL (
       SELECT count(*) AS found
         FROM (SELECT FROM identity_corporate_pair AS p
                WHERE p.tenant = %(tenant)s AND p.pair = given.pair
                LIMIT 1000) AS few) AS counted
 ORDER BY counted.found, given.pair
 LIMIT 1;

-- name: corporations_with
-- Names that hold the words, written or read, in the order of their numbers.
(SELECT c.number, c.name, c.kana, c.postal_code, c.address, c.assigned_on, c.changed_on,
        c.closed_on, c.closed_for, c.successor, c.synthetic
   FROM identity_corporate_pair AS p
   JOIN identity_corporation AS c ON c.tenant = p.tenant AND c.number = p.number
  WHERE p.tenant = %(tenant)s AND p.pair = %(name_pair)s AND p.number > %(after)s
    AND (%(closed)s OR c.closed_on IS NULL)
    AND c.name_folded LIKE %(name)s AND c.address_folded LIKE %(address_like)s
  ORDER BY p.number
  LIMIT %(limit)s)
UNION
(SELECT c.number, c.name, c.kana, c.postal_code, c.address, c.assigned_on, c.changed_on,
        c.closed_on, c.closed_for, c.successor, c.synthetic
   FROM identity_corporate_pair AS p
   JOIN identity_corporation AS c ON c.tenant = p.tenant AND c.number = p.number
  WHERE p.tenant = %(tenant)s AND p.pair = %(kana_pair)s AND p.number > %(after)s
    AND (%(closed)s OR c.closed_on IS NULL)
    AND c.kana_folded LIKE %(kana)s AND c.address_folded LIKE %(address_like)s
  ORDER BY p.number
  LIMIT %(limit)s)
 ORDER BY number
 LIMIT %(limit)s;

-- name: corporations_beginning
SELECT number, name, kana, postal_code, address, assigned_on, changed_on, closed_on, closed_for,
       successor, synthetic
  FROM identity_corporation
 WHERE tenant = %(tenant)s AND number > %(after)s AND (%(closed)s OR closed_on IS NULL)
   AND ((name_folded COLLATE "C" >= %(name)s AND name_folded COLLATE "C" < %(name_end)s)
     OR (kana_folded COLLATE "C" >= %(kana)s AND kana_folded COLLATE "C" < %(kana_end)s))
   AND address_folded LIKE %(address_like)s
 ORDER BY number
 LIMIT %(limit)s;

-- name: corporations_at
SELECT number, name, kana, postal_code, address, assigned_on, changed_on, closed_on, closed_for,
       successor, synthetic
  FROM identity_corporation
 WHERE tenant = %(tenant)s AND number > %(after)s AND (%(closed)s OR closed_on IS NULL)
   AND address_folded COLLATE "C" >= %(address)s
   AND address_folded COLLATE "C" < %(address_end)s
 ORDER BY number
 LIMIT %(limit)s;

-- name: closed_of
SELECT handle, closed_at FROM identity_handle
 WHERE tenant = %(tenant)s AND handle = ANY (%(handles)s::bytea[]);

-- name: close_handles
-- One that is not there yet is closed too: whoever is enrolled too late finds it so.
INSERT INTO identity_handle (tenant, handle, closed_at)
SELECT DISTINCT %(tenant)s, handle, %(at)s::timestamptz
  FROM unnest(%(handles)s::bytea[]) AS given (handle)
    ON CONFLICT (tenant, handle) DO UPDATE SET closed_at = excluded.closed_at
 WHERE identity_handle.closed_at IS NULL;
