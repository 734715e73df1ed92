"""Security checks, each taken out in turn: the tests beside it must notice.

A row names the module, the code of the check as it stands there, what is left without it, and the
file of tests that must then fail. The list is short on purpose: checks whose loss would be silent.
"""

from typing import NamedTuple


class Mutation(NamedTuple):
    """One check that is taken out."""

    module: str
    before: str
    after: str
    tests: str


MUTATIONS = (
    # Who said it: signatures over messages, notes, receipts, lists, tokens.
    Mutation(
        "renkei.exchange.signatures",
        "key.verify(encode_dss_signature(r, s), base, _ECDSA)",
        "pass",
        "tests/exchange/test_signatures.py",
    ),
    Mutation(
        "renkei.exchange.signatures",
        "if abs(now - self.created) > WINDOW_SECONDS or now",
        "if now",
        "tests/exchange/test_signatures.py",
    ),
    Mutation(
        "renkei.exchange.signatures",
        "if body is not None and values['\"content-digest\"'] != content_digest(body):",
        "if False:",
        "tests/exchange/test_signatures.py",
    ),
    Mutation(
        "renkei.audit.notes",
        "_public_key(self.public).verify(signature, data)",
        "_public_key(self.public)",
        "tests/audit/test_notes.py",
    ),
    Mutation(
        "renkei.audit.notes",
        "if not same or not is_consistent(",
        "if not same and not is_consistent(",
        "tests/audit/test_notes.py",
    ),
    Mutation(
        "renkei.audit.verification",
        "if row[2:] != (leaf.label, leaf.seq, before, request, columns):",
        "if row[2:] != (leaf.label, leaf.seq, row.before, request, columns):",
        "tests/audit/test_tampering.py",
    ),
    Mutation(
        "renkei.audit.receipts",
        "if receipt.transcript != transcript:",
        "if False:",
        "tests/audit/test_receipts.py",
    ),
    Mutation(
        "renkei.audit.witness_evidence",
        "if is_consistent(old.size, old.root, new.size, new.root, self._path):",
        "if True:",
        "tests/audit/test_witnessed_bundles.py",
    ),
    Mutation(
        "renkei.audit.witness_evidence",
        "log = policy.accept(self._seen.note",
        'log = Policy((), (), (), "none").accept(self._seen.note',
        "tests/audit/test_witnessed_bundles.py",
    ),
    Mutation(
        "renkei.audit.witness_evidence",
        "policy.for_output().accept(output.note",
        'Policy((), (), (), "none").accept(output.note',
        "tests/audit/test_witnessed_bundles.py",
    ),
    Mutation(
        "renkei.audit.witness_evidence",
        "if self._mapped.epoch.input_size > log.checkpoint.size:",
        "if False:",
        "tests/audit/test_witnessed_bundles.py",
    ),
    Mutation(
        "renkei.audit.policies",
        "(output_verifier(key) if isinstance(key, Verifier) else key, url)\n"
        "            for key, url in self.logs\n",
        "(output_verifier(key) if isinstance(key, Verifier) else key, url)\n"
        "            for key, url in self.logs if isinstance(key, Verifier)\n",
        "tests/audit/test_witnessed_bundles.py",
    ),
    # No year of the log is left out, and none is pruned without a word.
    Mutation(
        "renkei.audit.sharded_reading",
        "return tree is not None and tree.origin == before",
        "return tree is not None",
        "tests/audit/test_pruning.py",
    ),
    Mutation(
        "renkei.audit.sharded_reading",
        "if entry is None or pruned_name(entry.entry) != one.name or entry.year <= year:",
        "if entry is None:",
        "tests/audit/test_pruning.py",
    ),
    Mutation(
        "renkei.audit.sharded_reading",
        "or len(self._labels) > 1",
        "",
        "tests/audit/test_pruning.py",
    ),
    Mutation(
        "renkei.audit.sharded_reading",
        "return is_last and (year not in self._verdicts or self._epochs.get(year) == output.size)",
        "return True",
        "tests/audit/test_pruning.py",
    ),
    Mutation(
        "renkei.audit.directory",
        "return minimum == checkpoint.size and checkpoint.origin in self._pruned",
        "return minimum == checkpoint.size",
        "tests/audit/test_pruning.py",
    ),
    Mutation(
        "renkei.audit.pruning",
        "if found.holds:",
        "if False:",
        "tests/audit/test_pruning.py",
    ),
    Mutation(
        "renkei.audit.pruning",
        "if pruning_entry(conn, tenant, _shard(conn, tenant, year)) is None:",
        "if False:",
        "tests/audit/test_pruning.py",
    ),
    Mutation(
        "renkei.app.proofs.offline_verifier",
        "if not is_first or follows != self.names[number - 1]:",
        "if False:",
        "tests/app/test_offline_years.py",
    ),
    Mutation(
        "renkei.app.proofs.offline_verifier",
        "if self.believed and not own.intersection(self.believed):",
        "if False:",
        "tests/app/test_bare_list.py::test_the_key_of_another_log_is_not_believed",
    ),
    Mutation(
        "renkei.app.proofs.offline_verifier",
        "    if not keys and not known:\n",
        "    if True:\n",
        "tests/app/test_bare_list.py::test_the_key_of_another_log_is_not_believed",
    ),
    Mutation(
        "renkei.app.proofs.offline_verifier",
        "if members is not None and owner is None:\n"
        '        report.breaks("owner-unknown", file=file, origin=key.name)',
        "if False:\n        pass",
        "tests/app/test_bare_list.py::test_the_key_of_another_log_is_not_believed",
    ),
    Mutation(
        "renkei.app.proofs.offline_verifier",
        'return is_last and number >= 0 and told.get("output_size") == str(number + 1)',
        "return is_last",
        "tests/app/test_bare_list.py::test_a_year_that_is_closed_is_shown_with_its_last_map_or_is_named",
    ),
    Mutation(
        "renkei.audit.sharded_reading",
        "(year not in self._verdicts or self._epochs.get(year) == output.size)",
        "self._epochs.get(year, output.size) == output.size",
        "tests/app/test_bare_list.py::test_a_year_that_is_closed_is_shown_with_its_last_map_or_is_named",
    ),
    Mutation(
        "renkei.app.proofs.offline_verifier",
        "return Listed(self.key.name, min(times), complete, newer)",
        "return Listed(self.key.name, max(times), complete, newer)",
        "tests/app/test_bare_list.py::test_what_was_mapped_after_the_new_year_began_says_no_more_than_its_beginning",
    ),
    Mutation(
        "renkei.app.keeping.witnesses",
        "_tried(partial(one.ask, checkpoint))",
        "_tried(partial(one.ask, one.published()))",
        "tests/app/test_witness_keeper.py::test_no_epoch_is_cosigned_before_the_entries_it_is_made_from",
    ),
    Mutation(
        "renkei.app.proofs.offline_verifier",
        "if policy.is_met(proven):",
        "if True:",
        "tests/app/test_offline_list.py",
    ),
    Mutation(
        "renkei.app.proofs.offline_verifier",
        "if not begins(size, root, tree, path):",
        "if False:",
        "tests/app/test_offline_list.py",
    ),
    Mutation(
        "renkei.app.proofs.offline_verifier",
        "if not seconds or not ed25519_fits(known[1][1:], said, signature[12:]):",
        "if False:",
        "tests/app/test_offline_list.py",
    ),
    Mutation(
        "renkei.app.proofs.offline_verifier",
        'elif wire["map"]["epoch"]["input_size"] > seen.size:',
        "elif False:",
        "tests/app/test_offline_list.py",
    ),
    Mutation(
        "renkei.federation.members",
        "if not authority.fits(signed, signature):",
        "if False:",
        "tests/federation/test_members.py",
    ),
    Mutation(
        "renkei.federation.members",
        "if contents.version < least:",
        "if False:",
        "tests/federation/test_members.py",
    ),
    Mutation(
        "renkei.federation.anchors",
        "if any(name in there for name in names):",
        "if False:",
        "tests/federation/test_anchors.py",
    ),
    Mutation(
        "renkei.exchange.assertions",
        "or not keys.fit(signed)",
        "",
        "tests/exchange/test_assertions.py",
    ),
    Mutation(
        "renkei.exchange.assertions",
        "if len(named) != 1 or named[0] not in audiences:",
        "if False:",
        "tests/exchange/test_assertions.py",
    ),
    Mutation(
        "renkei.exchange.id_tokens",
        "if not any(one.fit(signed) for one in keys):",
        "if False:",
        "tests/exchange/test_id_tokens.py",
    ),
    Mutation(
        "renkei.exchange.access_tokens",
        "if datetime.fromtimestamp(claims.exp, UTC) <= at:",
        "if False:",
        "tests/exchange/test_access_tokens.py",
    ),
    Mutation(
        "renkei.exchange.username_token",
        "if abs(at - made) > timedelta(seconds=WINDOW_SECONDS):",
        "if False:",
        "tests/exchange/test_username_token.py",
    ),
    # Whom it is about: the group, the proofs, the seal.
    Mutation(
        "renkei.identity.group",
        'if int.from_bytes(data, "little") >= ORDER:',
        "if False:",
        "tests/identity/test_group.py",
    ),
    Mutation(
        "renkei.identity.group",
        "if data[31] & 0x80 or data == NEUTRAL or not sodium().valid(data):",
        "if data == NEUTRAL or not sodium().valid(data):",
        "tests/identity/test_group.py",
    ),
    Mutation(
        "renkei.identity.group",
        "if data[31] & 0x80 or data == NEUTRAL or not sodium().valid(data):",
        "if data[31] & 0x80:",
        "tests/identity/test_group.py",
    ),
    Mutation(
        "renkei.identity.proofs",
        "return _equality_challenge(claim, m, z, t2, t3) == c",
        "return True",
        "tests/identity/test_question.py",
    ),
    Mutation(
        "renkei.identity.proofs",
        "return challenge == e",
        "return True",
        "tests/identity/test_proofs.py",
    ),
    Mutation(
        "renkei.identity.proofs",
        "return _knowledge_challenge(public, commitment, about) == c",
        "return True",
        "tests/identity/test_proofs.py",
    ),
    # Completeness: whatever becomes of a code, what was entered stays on the person's list.
    Mutation(
        "renkei.identity.chains",
        "owner = _owner(conn, tenant, versions)\n",
        "owner = None\n",
        "tests/identity/test_chains.py",
    ),
    Mutation(
        "renkei.identity.codes",
        "keep_factor(conn, tenant, before, after, factor, seal=seal)",
        "pass",
        "tests/identity/test_chains.py",
    ),
    Mutation(
        "renkei.identity.codes",
        "conn.execute(sql.take_in, given)",
        "pass",
        "tests/identity/test_chains.py",
    ),
    Mutation(
        "renkei.identity.codes",
        "conn.execute(sql.keep_shared, shared)",
        "pass",
        "tests/identity/test_chains.py",
    ),
    Mutation(
        "renkei.identity.codes",
        'conn.execute(sql.part, {"tenant": tenant, "persons": ended})',
        "pass",
        "tests/identity/test_chains.py",
    ),
    Mutation(
        "renkei.identity.codes",
        "follow_stranger(conn, tenant, old, new, seal=seal)",
        "pass",
        "tests/identity/test_chains.py",
    ),
    Mutation(
        "renkei.identity.codes",
        'conn.execute(sql.end_chains, {"tenant": tenant, "persons": touched})',
        "pass",
        "tests/identity/test_chains.py",
    ),
    Mutation(
        "renkei.identity.seal",
        "return nonce + self._cipher.encrypt(nonce, plain, framed(table.encode(), *row))",
        "return nonce + self._cipher.encrypt(nonce, plain, framed(table.encode()))",
        "tests/identity/test_codes.py",
    ),
    Mutation(
        "renkei.identity.nym",
        "if text[-1] != check_character(body):",
        "if False:",
        "tests/identity/test_nym.py",
    ),
    # Whose number it is: nobody's by its check digit, nobody's after a death.
    Mutation(
        "renkei.identity.issued",
        "return None if personal_number_ok(text) else Taken.check_digit",
        "return None",
        "tests/identity/test_registrar.py",
    ),
    Mutation(
        "renkei.identity.numbers",
        "raise NumberTaken",
        "return drawn_number()",
        "tests/identity/test_registrar.py",
    ),
    Mutation(
        "renkei.app.registrar.orders",
        "raise NumbersDrawnElsewhere",
        "return identity.numbers.drawn_number",
        "tests/app/test_registrar_commands.py",
    ),
    Mutation(
        "renkei.identity.successions",
        "keep_closing(conn, tenant, order, old, new, secrets=secrets)",
        "pass",
        "tests/identity/test_closings.py",
    ),
    Mutation(
        "renkei.federation.issuing",
        """desk.expect(caller.member, kind="registrar")
    header = issued.header
    exchange.first_time(conn, desk.tenant, caller.signature, request_id=header.id, at=at)
    issuance""",
        """header = issued.header
    exchange.first_time(conn, desk.tenant, caller.signature, request_id=header.id, at=at)
    issuance""",
        "tests/federation/test_issuing.py",
    ),
    Mutation(
        "renkei.federation.issuing",
        """header = issued.header
    exchange.first_time(conn, desk.tenant, caller.signature, request_id=header.id, at=at)
    issuance""",
        """header = issued.header
    issuance""",
        "tests/federation/test_linkage.py::test_an_issuance_goes_through_a_converter_once",
    ),
    Mutation(
        "renkei.federation.transfer",
        "exchange.first_time(conn, desk.tenant, caller.signature, request_id=header.id, at=at)",
        "pass",
        "tests/federation/test_linkage.py::test_a_transfer_is_taken_once_by_every_party",
    ),
    Mutation(
        "renkei.federation.transfer",
        "if header.successor != desk.tenant:",
        "if False:",
        "tests/federation/test_linkage.py::test_nobody_but_the_successor_keeps_a_transfer",
    ),
    Mutation(
        "renkei.identity.rotation",
        "if (quotient.converter, quotient.before, receiver.kv) != (converter, before, after):",
        "if False:",
        "tests/identity/test_rotation.py::test_a_quotient_of_another_step_is_refused_before_it_is_opened",
    ),
    Mutation(
        "renkei.identity.rotation",
        "if led != directory.factor(converter, key.organisation, after):",
        "if False:",
        "tests/identity/test_rotation.py::test_a_quotient_opens_for_its_organisation_alone_and_is_checked",
    ),
    Mutation(
        "renkei.federation.transfer",
        "    if unfit:",
        "    if False:",
        "tests/federation/test_linkage.py",
    ),
    Mutation(
        "renkei.law.staff_register",
        "if unit not in register.units:",
        "if True:",
        "tests/law/test_staff_register.py",
    ),
    Mutation(
        "renkei.federation.question",
        "if isinstance(by, law.StaffRefusal):",
        "if False:",
        "tests/federation/test_staff_units.py",
    ),
    Mutation(
        "renkei.federation.question",
        "is_restricted=withheld",
        "is_restricted=False",
        "tests/federation/test_staff_units.py",
    ),
    Mutation(
        "renkei.federation.question",
        "when = asked.handed_at or at",
        "when = at",
        "tests/federation/test_staff_units.py",
    ),
    Mutation(
        "renkei.federation.bulk_question",
        "elif isinstance(by, law.StaffRefusal):",
        "elif False:",
        "tests/federation/test_staff_units.py",
    ),
    Mutation(
        "renkei.federation.bulk_question",
        "is_restricted=alike.withheld",
        "is_restricted=False",
        "tests/federation/test_staff_units.py",
    ),
    Mutation(
        "renkei.app.disclosure.viewing",
        "and isinstance(by, law.StaffRefusal):",
        "and False:",
        "tests/app/test_staff_views.py",
    ),
    Mutation(
        "renkei.app.disclosure.viewing",
        "is_restricted=unlocked",
        "is_restricted=False",
        "tests/app/test_staff_views.py",
    ),
    Mutation(
        "renkei.exchange.headers",
        "(EDGE_FIELDS - {EXPIRES, SECOND})",
        "(EDGE_FIELDS - {EXPIRES})",
        "tests/exchange/test_headers.py",
    ),
    Mutation(
        "renkei.app.membership.code_lookup",
        "decision = law.decide_staff(asked, settings.office_hours)",
        "decision = law.StaffPermit(asked)",
        "tests/app/test_linkage_commands.py",
    ),
    Mutation(
        "renkei.app.console.people",
        "purpose, is_restricted=hidden)",
        "purpose, is_restricted=False)",
        "tests/app/test_console_people.py",
    ),
    # Whether it may: the law.
    Mutation(
        "renkei.law.decisions",
        "rulings = table.rulings(law_of or on).get(key)",
        "rulings = table.rulings(law_of or date(2026, 4, 1)).get(key)",
        "tests/law/test_decisions.py",
    ),
    Mutation(
        "renkei.law.decisions",
        "if ruling.is_plain and request.items and ruling.items.issuperset(request.items):",
        "if ruling.is_plain and request.items:",
        "tests/law/test_decisions.py",
    ),
    Mutation(
        "renkei.law.decisions",
        "if not request.items or not ruling.items.issuperset(request.items):",
        "if not request.items:",
        "tests/law/test_decisions.py",
    ),
    Mutation(
        "renkei.law.decisions",
        "if ruling.persons and request.relation not in ruling.persons:",
        "if False:",
        "tests/law/test_decisions.py",
    ),
    Mutation(
        "renkei.law.decisions",
        "if rulings is None or (request.holder_kind == OWN and request.holder != request.asker):",
        "if rulings is None:",
        "tests/law/test_decisions.py",
    ),
    Mutation(
        "renkei.law.own_access",
        "Reason.ASKER_NOT_NAMED: request.asker_unit not in portals,",
        "",
        "tests/law/test_own_access.py",
    ),
    Mutation(
        "renkei.law.own_access",
        "Reason.ITEM_NOT_NAMED: request.items != (ACCESS_RECORD,),",
        "",
        "tests/law/test_own_access.py",
    ),
    Mutation(
        "renkei.law.own_access",
        'Reason.PERSON_NOT_NAMED: request.relation != "applicant",',
        "",
        "tests/law/test_own_access.py",
    ),
    Mutation(
        "renkei.federation.inquiry",
        "return (self.procedure, self.holder_unit, self.service) == (law.OWN_ACCESS, *USAGE)",
        "return self.procedure == law.OWN_ACCESS",
        "tests/federation/test_own_access.py",
    ),
    Mutation(
        "renkei.federation.question",
        "    if asked.is_own_access:\n",
        "    if (provider.code, asked.call.service.code) == USAGE:\n",
        "tests/federation/test_own_access.py",
    ),
    Mutation(
        "renkei.federation.own_access",
        "if not verdict.whole:",
        "if False:",
        "tests/federation/test_own_access.py",
    ),
    Mutation(
        "renkei.federation.bulk",
        "if batch.request.mode != bulk.order or len(batch.request.c1) != bulk.persons:",
        "if False:",
        "tests/federation/test_bulk.py",
    ),
    Mutation(
        "renkei.federation.bulk",
        "    exchange.first_use(conn, desk.tenant, asker, bulk.inquiry.id[:255], at=at)\n",
        "",
        "tests/federation/test_bulk.py",
    ),
    Mutation(
        "renkei.federation.bulk",
        'if bulk.order == "shuffled" and bulk.persons < fewest:',
        "if False:",
        "tests/federation/test_bulk.py",
    ),
    Mutation(
        "renkei.federation.bulk_hub",
        'if bulk.order == "shuffled" and any(lacks)',
        "if False",
        "tests/federation/test_bulk.py",
    ),
    Mutation(
        "renkei.federation.bulk_answering",
        "audit.Receipt.open(line, trusted, transcript=verified.item(place))",
        "audit.Receipt.read(line, trusted)",
        "tests/federation/test_bulk.py",
    ),
    Mutation(
        "renkei.federation.bulk_answering",
        "if abs(at - receipt.at) > timedelta(minutes=RECEIPT_MINUTES):",
        "if False:",
        "tests/federation/test_bulk.py",
    ),
    Mutation(
        "renkei.federation.bulk_answering",
        "is_protected = person is not None and person.protected",
        "is_protected = False",
        "tests/federation/test_bulk.py",
    ),
    Mutation(
        "renkei.federation.bulk_ending",
        "if len(persons) != opened.bulk.persons:",
        "if False:",
        "tests/federation/test_bulk.py",
    ),
    Mutation(
        "renkei.identity.handles",
        "    if twice:\n",
        "    if False:\n",
        "tests/federation/test_bulk.py",
    ),
    Mutation(
        "renkei.app.proofs.exchange_lists",
        "if member.id in (one.entry.asker, one.entry.holder)]",
        "]",
        "tests/app/test_exchange_lists.py",
    ),
    Mutation(
        "renkei.app.proofs.proven_places",
        "return checkpoint is not None and told.holds(checkpoint)",
        "return checkpoint is not None",
        "tests/app/test_exchange_lists.py",
    ),
    Mutation(
        "renkei.app.proofs.proven_places",
        "audit.Checkpoint.open(note, [audit.shard_verifier(key, year)])",
        "audit.Checkpoint.parse(note)",
        "tests/app/test_exchange_lists.py",
    ),
    Mutation(
        "renkei.app.proofs.proven_places",
        "if len(entries) > 1:",
        "if False:",
        "tests/app/test_exchange_lists.py",
    ),
    Mutation(
        "renkei.app.proofs.three_ways",
        'return None if named & self._proven.keys() else "unproven"',
        "return None",
        "tests/app/test_three_ways.py",
    ),
    Mutation(
        "renkei.app.proofs.three_ways",
        "is_due = one.due is not None and one.due + CLOCKS < self.at",
        "is_due = False",
        "tests/app/test_three_ways.py",
    ),
    Mutation(
        "renkei.app.operations.published_files",
        "if not OPEN.fullmatch(path) and not (entries and is_of_entries(path)):",
        "if not OPEN.fullmatch(path) and not is_of_entries(path):",
        "tests/app/test_log_door.py",
    ),
    Mutation(
        "renkei.app.operations.published_files",
        "if not OPEN.fullmatch(path) and not (entries and is_of_entries(path)):",
        "if is_of_entries(path) and not entries:",
        "tests/app/test_log_door.py",
    ),
    Mutation(
        "renkei.app.operations.oversight_looks",
        'with self._look("log-entries", path, withheld=True):',
        "if True:",
        "tests/app/test_log_door.py",
    ),
    Mutation(
        "renkei.app.keeping.findings_told",
        "one.by != caller.member.id]",
        "False]",
        "tests/app/test_findings_told.py",
    ),
    Mutation(
        "renkei.app.keeping.findings_told",
        'fresh = before or audit.Reconciliation(said.day, at, 0, (tenant,), "[]")',
        'fresh = before or audit.Reconciliation(said.day, at, 0, (), "[]")',
        "tests/app/test_findings_told.py",
    ),
    Mutation(
        "renkei.app.proofs.three_ways",
        "if is_late or one.request in self.broken:",
        "if one.request in self.broken:",
        "tests/app/test_three_ways.py",
    ),
    Mutation(
        "renkei.federation.answering",
        "    check_receipt(desk, carried.receipt, verified.digest, at)\n",
        "",
        "tests/federation/test_inquiry.py",
    ),
    Mutation(
        "renkei.federation.answering",
        "if person is not None and person.protected:",
        "if False:",
        "tests/federation/test_parties.py",
    ),
    # A locked folder takes no key that somebody put there plain.
    Mutation(
        "renkei.app.membership.key_lock",
        "raise KeyNotSealed(file=file)",
        "return data",
        "tests/app/test_key_lock.py",
    ),
    # The operator promises a message once: a second receipt would be of an entry nobody asked for.
    Mutation(
        "renkei.federation.hub",
        """request_id=inquiry.id, at=at)
    question = carried.opened()
    desk.expect_in_use(question.request.asker, question.request.provider, at=at)
    decision = desk.decide(inquiry, kit.day_of(at))
    verified""",
        """request_id=inquiry.id, at=at) if at is None else None
    question = carried.opened()
    desk.expect_in_use(question.request.asker, question.request.provider, at=at)
    decision = desk.decide(inquiry, kit.day_of(at))
    verified""",
        "tests/federation/test_inquiry.py",
    ),
    # A release opens the entry it names, and a chain has no other link than the one before.
    Mutation(
        "renkei.audit.releases",
        "if sealed is None or sealed.hash != named.hash:",
        "if sealed is None:",
        "tests/audit/test_releases.py",
    ),
    Mutation(
        "renkei.audit.bundle_links",
        "(logged.seq, logged.prev) != (count + 1, head):",
        "logged.seq != count + 1:",
        "tests/audit/test_bundles.py",
    ),
    # Who looks, is seen looking.
    Mutation(
        "renkei.app.operations.oversight_looks",
        "audit.append(conn, tenant, entry)",
        "pass",
        "tests/app/test_oversight.py",
    ),
    # The table of the law: three persons, one content, one table.
    Mutation(
        "renkei.law.drafting.checks",
        "if rule.by_another and person_of(hand.official.number) in draft.writers:",
        "if False:",
        "tests/law/test_drafting.py",
    ),
    Mutation(
        "renkei.law.drafting.checks",
        "if draft.last != hand.seen:",
        "if False:",
        "tests/law/test_drafting.py",
    ),
    Mutation(
        "renkei.law.drafting.checks",
        "if role not in official.roles:",
        "if False:",
        "tests/law/test_drafting.py",
    ),
    Mutation(
        "renkei.law.drafting.checks",
        "if draft.digest != digest:",
        "if False:",
        "tests/law/test_drafting.py",
    ),
    Mutation(
        "renkei.law.drafting.checks",
        "if examined.base != base:",
        "if False:",
        "tests/law/test_drafting.py",
    ),
    Mutation(
        "renkei.law.drafting.steps",
        "if reviewer == person:",
        "if False:",
        "tests/law/test_drafting.py",
    ),
    Mutation(
        "renkei.law.drafting.steps",
        "if {reviewer, approver} & draft.writers:",
        "if False:",
        "tests/law/test_drafting.py",
    ),
    Mutation(
        "renkei.law.drafting.steps",
        "if reviewer == approver:",
        "if False:",
        "tests/law/test_drafting.py",
    ),
    Mutation(
        "renkei.law.drafting.contents",
        '.casefold().rpartition("/")[2].strip()',
        "",
        "tests/law/test_drafting.py",
    ),
    Mutation(
        "renkei.app.standards.amendments",
        "if table.version != approved.result:",
        "if False:",
        "tests/app/test_law_drafts.py",
    ),
    # What comes in: once, and names, paths, XML.
    Mutation(
        "renkei.exchange.replay",
        "        raise Replayed\n",
        "        return\n",
        "tests/exchange/test_replay.py",
    ),
    Mutation(
        "renkei.exchange.addresses",
        'if name in (".", ".."):',
        "if False:",
        "tests/exchange/test_addresses.py",
    ),
    Mutation(
        "renkei.exchange.soap",
        "if tree.docinfo.internalDTD is not None:",
        "if False:",
        "tests/exchange/test_soap.py",
    ),
    # Who hears what: nothing by which two questions of a person could be joined.
    Mutation(
        "renkei.app.console.frame",
        "if upload and kind.startswith(UPLOADING):",
        "if kind.startswith(UPLOADING):",
        "tests/app/test_console_law_files.py::test_an_endless_file_and_one_to_another_page_are_refused",
    ),
    Mutation(
        "renkei.app.standards.releasing",
        "if tables.setdefault(name, version) != version:",
        "if False:",
        "tests/app/test_shelf.py::test_one_edition_has_one_table_of_provisions",
    ),
    Mutation(
        "renkei.federation.inquiry",
        "if is_told and name not in told:",
        "if False:",
        "tests/federation/test_own_words.py",
    ),
    Mutation(
        "renkei.federation.hub",
        "carried.expect_no_more()",
        "pass",
        "tests/federation/test_own_words.py",
    ),
    Mutation(
        "renkei.federation.hub",
        'carried.expect_no_more("withheld")',
        "pass",
        "tests/federation/test_own_words.py",
    ),
    Mutation(
        "renkei.exchange.headers",
        "if _holds_personal_number(name, read[name]):",
        "if False:",
        "tests/exchange/test_headers.py",
    ),
    # What a model of decisions could reach or use up, and what nobody may give otherwise.
    Mutation(
        "renkei.process.decisions.xml",
        "if root.getroottree().docinfo.internalDTD is not None:",
        "if False:",
        "tests/process/decisions/test_reading.py",
    ),
    Mutation(
        "renkei.process.decisions.xml",
        "if depth > DEPTH:",
        "if False:",
        "tests/process/decisions/test_reading.py",
    ),
    Mutation(
        "renkei.process.decisions.books",
        "if not file or Path(file).name != file:",
        "if False:",
        "tests/process/decisions/test_books.py",
    ),
    Mutation(
        "renkei.process.decisions.books",
        "if twice := sorted(amounts.keys() & inputs.keys()):",
        "if twice := ():",
        "tests/process/decisions/test_books.py",
    ),
    # No text exhausts a node, and none decides in silence.
    Mutation(
        "renkei.process.feel.running",
        "if self.frames > self.limits.frames:",
        "if False:",
        "tests/process/feel/test_limits.py",
    ),
    Mutation(
        "renkei.process.feel.reading",
        "if self._depth > DEEPEST:",
        "if False:",
        "tests/process/feel/test_reading.py",
    ),
    Mutation(
        "renkei.process.feel.json_form",
        "if depth > DEEPEST:",
        "if False:",
        "tests/process/feel/test_json_form.py",
    ),
    Mutation(
        "renkei.process.feel.domain.households",
        "if meets is None:",
        "if False:",
        "tests/process/feel/test_domain.py",
    ),
    # Whoever oversees can do nothing else, sees it all there alone, and is seen.
    Mutation(
        "renkei.kit.database",
        'conn.execute(sql.only_look, {"timeout": f"{seconds * 1000:.0f}"})',
        "pass",
        "tests/audit/test_looking.py",
    ),
    Mutation(
        "renkei.app.console.frame",
        "if staff is not None and self.is_of_all and staff.roles != OVERSIGHT_ALONE:",
        "if False:",
        "tests/app/test_console_log_operator.py",
    ),
    Mutation(
        "renkei.app.settings",
        'elif role == "log" and set(raw.roles) != OVERSIGHT_ALONE:',
        "elif False:",
        "tests/app/test_settings.py",
    ),
    Mutation(
        "renkei.app.console.frame",
        "return self.site.database.looking(self.site.desk.tenant)",
        "return self.transaction()",
        "tests/app/test_console_log_operator.py",
    ),
    Mutation(
        "renkei.app.operations.oversight_looks",
        "with self.site.database.looking(tenant) as conn:",
        "with self.site.database.transaction(tenant) as conn:",
        "tests/app/test_oversight.py",
    ),
    Mutation(
        "renkei.app.console.record",
        "self._console.enter(entry)",
        "pass",
        "tests/app/test_console_record.py",
    ),
    Mutation(
        "renkei.app.console.oversight",
        "self._console.enter(entry)",
        "pass",
        "tests/app/test_console_log_operator.py",
    ),
    Mutation(
        "renkei.app.proofs.exchange_lists",
        "return _promised(line, [operator]) is not None",
        "return True",
        "tests/app/test_exchange_lists.py",
    ),
    # What a model of another's may do to whoever reads it.
    Mutation(
        "renkei.process.bpmn.document",
        "if etree.ElementTree(root).docinfo.internalDTD is not None:",
        "if False:",
        "tests/process/test_hostile_files.py",
    ),
    Mutation(
        "renkei.process.bpmn.document",
        "if len(data) > LIMIT:",
        "if False:",
        "tests/process/test_hostile_files.py",
    ),
    # What may be done to a case, and what its history says.
    Mutation(
        "renkei.process.cases.waiting",
        "if fences.get((one.job.case, one.job.wait)) != one.job.fence]",
        "if (one.job.case, one.job.wait) not in fences]",
        "tests/process/test_cases.py",
    ),
    Mutation(
        "renkei.process.cases.cases",
        "if (case, digest) != (given.case, _digest(given)):",
        "if False:",
        "tests/process/test_cases.py",
    ),
    Mutation(
        "renkei.process.cases.histories",
        "if past.seq != expected or before != past.hash:",
        "if past.seq != expected:",
        "tests/process/test_cases.py",
    ),
    Mutation(
        "renkei.process.cases.definitions",
        "if found.hash != hash_:",
        "if False:",
        "tests/process/test_cases.py",
    ),
    # A case is changed by two, where it was looked at, and looked into with an entry.
    Mutation(
        "renkei.process.cases.proposals",
        "if person_of(found.by) == person_of(by):",
        "if False:",
        "tests/process/test_proposals.py",
    ),
    Mutation(
        "renkei.process.cases.proposals",
        "if digest != found.digest:",
        "if False:",
        "tests/process/test_proposals.py",
    ),
    Mutation(
        "renkei.process.cases.cases",
        "if given.seen not in (None, kept.seq):",
        "if False:",
        "tests/process/test_proposals.py",
    ),
    Mutation(
        "renkei.app.console.case_looks",
        "self._console.enter(entry)",
        "pass",
        "tests/app/test_console_case_operations.py",
    ),
    # What another body writes: its own, the same under its number, by a provision, of its part.
    Mutation(
        "renkei.process.partners.receiving",
        "if letter.sender != caller.member.id or letter.receiver != tenant:",
        "if False:",
        "tests/process/test_partners.py",
    ),
    Mutation(
        "renkei.process.partners.receiving",
        "if before.digest != register.digest_of(body):",
        "if False:",
        "tests/process/test_partners.py",
    ),
    Mutation(
        "renkei.process.partners.receiving",
        "    if isinstance(decision, law.Refusal):",
        "    if False:",
        "tests/process/test_partners.py",
    ),
    Mutation(
        "renkei.process.partners.receiving",
        "return found if roles == (kind.receiver, kind.sender) else",
        "return found if True else",
        "tests/process/test_partners.py",
    ),
    Mutation(
        "renkei.process.partners.procedures",
        'return f"{self.partner}/{self.id}"',
        "return self.id",
        "tests/process/test_partners.py",
    ),
    Mutation(
        "renkei.federation.inquiry",
        '"opens": self.opens}',
        '"opens": False}',
        "tests/federation/test_opening.py",
    ),
)
