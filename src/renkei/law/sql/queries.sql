-- name: one_draft_at_a_time
SELECT pg_advisory_xact_lock(hashtextextended('law_draft ' || %(tenant)s, %(draft)s));

-- name: next_draft
SELECT coalesce(max(draft), 0) + 1 FROM law_draft_step WHERE tenant = %(tenant)s;

-- name: add_step
INSERT INTO law_draft_step
       (tenant, draft, step, act, by_whom, person, at, saved, digest, base, result, remarks,
        content, trial, authors, review, reviewer)
VALUES (%(tenant)s, %(draft)s, %(step)s, %(act)s, %(by_whom)s, %(person)s, %(at)s, %(saved)s,
        %(digest)s, %(base)s, %(result)s, %(remarks)s, %(content)s, %(trial)s, %(authors)s,
        %(review)s, %(reviewer)s);

-- name: steps_of_draft
SELECT step, act, by_whom, at, saved, digest, base, result, remarks, content, trial
  FROM law_draft_step
 WHERE tenant = %(tenant)s AND draft = %(draft)s
 ORDER BY step;

-- name: steps_of_drafts
SELECT draft, step, act, by_whom, at, saved, digest, base, result, remarks, content, NULL
  FROM law_draft_step
 WHERE tenant = %(tenant)s AND act <> 'try'
 ORDER BY draft, step;
