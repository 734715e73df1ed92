"""Verify evidence bundles of Renkei offline: this one file, Python 3.8 or newer, nothing else.

    python verify.py bundle.zip [another.zip ...] --authority KEY [--authority KEY]
                     [--policy FILE] [--question-body FILE] [--answer-body FILE]
                     [--sealed FILE ...] [--lang ja|en] [--json]
    python verify.py list.json --key KEY | --authority KEY --members FILE | --policy FILE

Written anew from docs/protocol and apart from the program that makes the bundles: it shares no line
with it. Bundles of several parties about one exchange are held against each other. The keys
believed are those of the members list, and the list because the authority signed it, whose key KEY
you got from somewhere else. Parties of two directories have an authority each; a list names the key
of another directory and for whom it may speak. With a policy (C2SP tlog-policy), which you got from
the witnesses and not from the log, it verifies who cosigned each log and its map, by Ed25519.

A bundle alone, without the zip, as a portal gives a person's list, brings no keys: give that of the
log (KEY), or the members list and its authority's key, or a policy that names the log. Of a list
the answer is "complete as of T: k entries", or the first broken link.

Exit status: 0 everything holds; 1 something is broken, and is named; 2 nothing could be read; 3
nothing is broken, but something rests on what was not given (such as KEY) or is not listed.
"""

# ruff: noqa: TRY004, TRY301  # whatever is wrong with a part is a ValueError, said where it ends

from __future__ import annotations

import argparse
import base64
import hashlib
import io
import json
import os
import re
import sys
import zipfile
import zlib
from datetime import datetime, timedelta
from typing import Any, Iterable, Iterator, NamedTuple, Sequence  # noqa: UP035  # Python 3.8

MEBI = 1 << 20
LARGEST_ARCHIVE = 64 * MEBI
LARGEST_DIRECTORY = 64 << 10
FILES = {
    "README.txt": MEBI,
    "authority.txt": 4096,
    "bundle.json": 32 * MEBI,
    "members.json": 32 * MEBI,
    "verify.py": MEBI,
}
SEALED = re.compile(r"bodies/([A-Za-z0-9_-]{43})\.sealed")
LARGEST_SEALED = 32 * MEBI
DIRECTORY = re.compile(r"directories/([0-9a-f]{8})\.json")
LARGEST_LIST = 32 * MEBI
MOST_VALUES = 4_000_000
DEEPEST = 16
LARGEST_NUMBER = 2**53 - 1

CORE: dict[str, Any] = dict.fromkeys(
    ("asker", "at", "holder", "kind", "mode", "outcome", "procedure", "provision", "purpose"), str
)
CORE.update(dict.fromkeys(("request", "salt", "table", "unit"), str))
CORE.update({"details": dict, "items": list, "v": int, "withheld": bool})
INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
SEALED_PARTS = ("_sealed", "_sealed_to", "_until")
COUNT = re.compile(r"0|[1-9][0-9]{0,17}")
YEAR = re.compile(r"/[1-9][0-9]{3}$")
BOM = b"\xef\xbb\xbf"
BARE_FORMATS = tuple(f"renkei-bundle/v{number}" for number in range(1, 5))

TABLE = """
# What is proven.
members | 参加団体一覧の第{version}版({at})は、{authority}が署名したものです。 | The members list, version {version} of {at}, is signed by {authority}.
directory | 他の参加団体一覧{instance}の第{version}版({at})は{authority}が署名したもので、第{own}版の一覧がその鍵を挙げています。 | The list of the directory {instance}, version {version} of {at}, is signed by {authority}, whose key version {own} of our list names.
checkpoint | {owner}は、自分のログ{origin}の先頭から{size}件目までに署名しています。 | {owner} has signed its log {origin} up to its entry {size}.
entry | {owner}の記録{index}はそのログにあり、変わっていません: {at} {kind}({outcome}) {asker}→{holder} {service} | The entry {index} of {owner} stands in that log, unchanged: {at} {kind} ({outcome}) {asker} to {holder} {service}
question-signed | {owner}の記録{index}にある電文(要求)には、{signer}が署名しています。 | The question in the entry {index} of {owner} was signed by {signer}.
answer-signed | {owner}の記録{index}にある電文(応答)には、{signer}が署名しています。 | The answer in the entry {index} of {owner} was signed by {signer}.
receipt | {signer}は{at}に、この照会を{delay}秒以内に自分のログに載せると約束しました(受領証)。 | {signer} promised at {at} that this inquiry would stand in its log within {delay} seconds (receipt).
receipt-kept | 受領証が指す記録は、{signer}のログにあります。期限までに載ったかどうかは、この束からは分かりません。 | The entry the receipt names is in the log of {signer}. Whether it came there in time, this bundle does not tell.
body | 渡されたファイルは、{owner}の記録{index}にある{which}の本文と1バイトも違いません。 | The file given is, byte for byte, the body of the {which} in the entry {index} of {owner}.
agree | {one}と{other}の記録は一致しています({parts})。 | The entries of {one} and {other} agree ({parts}).
named-entry | {one}の記録は、{other}の記録をそのハッシュで指しています。 | The entry of {one} names the entry of {other} by its hash.
sealed | {owner}の記録{index}が指す、{which}の封をした本文があり、変わっていません。開けるのは鍵{key}だけです。 | The sealed body of the {which} that the entry {index} of {owner} names is here, unchanged. Only the key {key} opens it.
epoch | {owner}は、索引の履歴のログの第{number}期({at}、記録{size}件目まで)に署名しています。 | {owner} has signed epoch {number} of its output log ({at}, up to the entry {size}).
list-complete | この番号の記録は、{at}現在、{owner}の記録{size}件目までに{count}件あり、これですべてです。 | This label has {count} entries up to the entry {size} of {owner}, as of {at}, and that is all of them.
list-none | この番号の記録は、{at}現在、{owner}の記録{size}件目までに1件もありません。 | This label has no entry up to the entry {size} of {owner}, as of {at}.
witnessed | 方針の証人({witnesses})が、{owner}のログの記録{size}件目までに署名しています。 | The witnesses {witnesses} of the policy have cosigned the log of {owner} up to its entry {size}.
epoch-witnessed | 方針の証人({witnesses})が、{owner}の索引の履歴のログの第{number}期までに署名しています。 | The witnesses {witnesses} of the policy have cosigned the output log of {owner} up to its epoch {number}.
# What is not proven.
entries-unwitnessed | {owner}の記録のうち{count}件には、まだ証人の署名がありません。 | {count} entries of {owner} are not yet witnessed.
policy-not-given | {owner}のログには証人の署名がありますが、確かめていません。方針を --policy で渡してください。 | Witnesses have cosigned the log of {owner}. That was not verified: give a policy with --policy.
quorum-unverified | 方針の証人のうち{witnesses}の署名はML-DSA-44によるもので、このファイルでは確かめていません。renkei verify で確かめてください。 | The witnesses {witnesses} of the policy cosigned by ML-DSA-44, which this file does not verify: use renkei verify.
year-pruned | {owner}の{name}の記録{size}件は、{at}に保存期間の定め{rule}により廃棄されています。この人の記録があったかどうかは分かりません。 | The {size} entries of {name} of {owner} were pruned at {at} under the retention rule {rule}. Whether any was about this person cannot be told.
list-unmapped | {origin}には、まだ索引の期がありません。その{count}件のほかに記録がないことは、最初の期の索引で証明されます。 | {origin} has no epoch yet. That there are no entries but its {count} is proven with its first epoch.
nothing-complete | まだ一度も索引の期がないため、この一覧がすべてであることは証明されていません。 | There has been no epoch of the map yet: that this list is complete is not proven.
key-not-given | ログの鍵は、ファイルに書かれていたものをそのまま使いました。別の経路で得た鍵と比べ、--key で(または --authority と --members で)渡してください: {key} | The key of the log was taken from the file itself. Compare it with one you got elsewhere, and give it with --key (or give --authority and --members): {key}
list-newer | その後の{count}件は、ほかにないことが次の期の索引で証明されます。 | Of the {count} entries since then, that there are no others is proven with the next epoch.
list-withheld | 法令により不開示とされた記録は別の番号にあり、監督機関で確認できます。 | What the law withholds stands under another label; the oversight body can see it.
sealed-not-given | {owner}の記録{index}は、{which}の本文を封をして保管したと言っています({until}まで)。封をした本文は渡されていません。 | The entry {index} of {owner} says that the body of the {which} was kept sealed, until {until}. The sealed body was not given.
sealed-not-opened | 封をした本文の中身がその要約値どおりであることは、鍵で開けて(renkei bodies open)はじめて証明されます。 | That a sealed body holds what its digest says is proven once it is opened with the key (renkei bodies open).
authority-not-given | 一覧に署名した機関の鍵は、束に入っていたものをそのまま使いました。別の経路で得た鍵と比べ、--authority で渡してください: {key} | The key of the list's authority was taken from the bundle itself. Compare it with one you got elsewhere, and give it with --authority: {key}
key-not-listed | {owner}の記録{index}の{which}の署名の鍵{key}は、この一覧にありません(鍵の更新など)。その署名は確かめていません。 | The key {key} of the {which} in the entry {index} of {owner} is not in this members list (it may have been renewed). That signature was not verified.
log-not-listed | 受領証の発行元{origin}の鍵は、この一覧にありません。受領証は確かめていません。 | The key of the log {origin} that issued the receipt is not in this list. The receipt was not verified.
body-not-kept | {which}の本文のダイジェストはどの記録にもありません。渡されたファイルは確かめていません。 | No entry keeps a digest of the body of the {which}. The file given was not verified.
no-bodies | 本文は束に入っていません。何が書かれていたかは、本文を --question-body と --answer-body で示したときに証明されます。 | The bodies are not in the bundle. What they said is proven once they are shown, with --question-body and --answer-body.
not-bound | 本文のダイジェストが署名された電文のものであることは、記録した側の言い分です。相手方の束があれば確かめられます。 | That the digest of a body belongs to the signed message is the word of whoever entered it; the other party's bundle confirms it.
one-view | {owner}の側だけの記録です。相手方の束も渡すと、両者が一致するかを確かめられます。 | This is the view of {owner} alone. Give the other party's bundle too, to see whether they agree.
no-signatures | 電文の署名は、どの記録にもありません。電文が外に出なかったか、古い記録です。 | No entry keeps the signature of a message: none left the house, or the entries are older.
not-complete | この照会について、ほかに記録がないことは証明しません。 | That there are no other entries about this request is not proven.
times | 時刻は、それぞれの団体の時計によるものです。 | The times are those of each party's own clock.
same-log | だれもが同じログを見ていることは、ほかで保管されたチェックポイントと比べて確かめます。 | That everyone is shown the same log is seen by comparing with checkpoints others keep.
verifier-differs | 束に入っている検証プログラムは、いま動いているものと異なります(版の違い、または改ざん)。 | The verifier in the bundle is not the one running: another version, or altered.
# What is broken.
members-forged | {file}: 参加団体一覧(members.json)の署名が、機関の鍵と合いません。 | {file}: the members list (members.json) does not carry the authority's signature.
directory-forged | {file}: 他の参加団体一覧({path})の署名が、一覧の挙げる鍵と合いません。 | {file}: the list of another directory ({path}) does not carry the signature of the key our list names.
directory-unnamed | {file}: 他の参加団体一覧({path})は、この一覧が挙げるものではありません。 | {file}: the list of another directory ({path}) is not one that our list names.
directory-overreaches | {file}: 他の参加団体一覧({path})は、{member}に別の団体の鍵を付けています。 | {file}: the list of another directory ({path}) gives {member} the key of somebody else.
authority-differs | {file}: 束の機関の鍵(authority.txt)は、渡された鍵と異なります。 | {file}: the authority's key in the bundle (authority.txt) is none you gave.
owner-unknown | {file}: ログ{origin}の鍵(vkey)は、一覧のどの団体のものでもありません。 | {file}: the key of the log {origin} (vkey) is that of no member of the list.
checkpoint-forged | {file}: チェックポイントの署名が、ログ{origin}の鍵と合いません。 | {file}: the checkpoint does not carry the signature of the log {origin}.
statement-differs | {file}: 束の説明文(statement)が、内容と合いません。 | {file}: the statement of the bundle does not fit what it holds.
entry-altered | {file}: 記録{index}かその証明(proof)は、署名されたログのものではありません。 | {file}: the entry {index}, or its proof, is not what the signed log holds.
entry-malformed | {file}: 記録{index}の形式が正しくありません({part})。 | {file}: the entry {index} is malformed ({part}).
entry-misplaced | {file}: 記録{index}は順番が違うか、別の照会のものです。 | {file}: the entry {index} is out of order, or of another request.
signature-wrong | {owner}の記録{index}にある{which}の署名は、{signer}の鍵と合いません。 | The signature of the {which} in the entry {index} of {owner} does not fit the key of {signer}.
signer-differs | {owner}の記録{index}にある{which}に署名したのは{signer}で、{wanted}ではありません。 | The {which} in the entry {index} of {owner} was signed by {signer}, not by {wanted}.
signature-incomplete | {owner}の記録{index}にある{which}の署名の項目が欠けているか、形式が違います。 | What the entry {index} of {owner} keeps of the signature of the {which} is incomplete or malformed.
receipt-forged | {owner}の記録{index}にある受領証は、{signer}が署名したものではありません。 | The receipt in the entry {index} of {owner} is not signed by {signer}.
receipt-malformed | {owner}の記録{index}にある受領証の形式が違います。 | The receipt in the entry {index} of {owner} is malformed.
receipt-broken | 受領証が指す記録は、{signer}の束にありません。 | The entry the receipt names is not in the bundle of {signer}.
body-differs | 渡されたファイルは、どの記録にある{which}の本文とも違います。 | The file given is not the body of the {which} in any entry.
sealed-altered | {file}: 封をした本文{name}は、その名の要約値のものではありません。 | {file}: the sealed body {name} does not have the digest of its name.
sealed-unnamed | 封をした本文{name}を指す記録はありません。 | No entry names the sealed body {name}.
sealed-malformed | {owner}の記録{index}にある、{which}の封をした本文の項目が欠けているか、形式が違います。 | What the entry {index} of {owner} says of the sealed body of the {which} is incomplete or malformed.
parties-differ | {one}の記録{index}と{other}の記録{beside}は、「{part}」が食い違っています。 | The entry {index} of {one} and the entry {beside} of {other} differ in '{part}'.
named-entry-missing | {one}の記録{index}が指す記録は、{other}の束にありません。 | The entry of {other} that the entry {index} of {one} names is not in the bundle of {other}.
requests-differ | 渡された束は、別々の照会({one}、{other})についてのものです。 | The bundles are about different requests ({one}, {other}).
log-forked | {owner}は、大きさ{size}のログとして二つの異なるものに署名しています。履歴が分かれています。 | {owner} has signed two different logs of size {size}: its history has forked.
members-forked | 第{version}版の参加団体一覧が二つあり、内容が違います。 | There are two different members lists of version {version}.
epoch-altered | {file}: 第{number}期は、署名された索引の履歴のログのものではありません。 | {file}: epoch {number} is not what the signed output log holds.
epoch-apart | {file}: 索引の元になった記録は、チェックポイントのログの先頭部分ではありません。 | {file}: the entries the map was made from are not the beginning of the log under the checkpoint.
map-broken | {file}: {place}番目の番号についての索引の証明が、第{number}期の根と合いません。 | {file}: the proof of the map for label number {place} does not lead to the root of epoch {number}.
chain-broken | {file}: 記録{index}は、その鎖の直前の記録に続いていません。 | {file}: the entry {index} does not continue its chain.
chain-short | {file}: {place}番目の番号の記録は、索引が示す{count}件ではありません。 | {file}: label number {place} has not the {count} entries that the map proves.
year-broken | {file}: {name}は、直前の年のログに続いていないか、廃棄の記録がありません。 | {file}: {name} does not follow the log of the year before, or no entry says that it was pruned.
release-broken | {file}: 記録{index}は、不開示を解除する記録と組になっていません。 | {file}: the entry {index} and a release do not belong together.
witnessed-other | {file}: 証人が大きさ{size}で署名したものは、このログの先頭部分ではありません。 | {file}: what witnesses cosigned at size {size} is not the beginning of this log.
cosignature-wrong | {file}: ログ{origin}への証人の署名は、そのチェックポイントのものではありません。 | {file}: a cosignature on the log {origin} is not of that checkpoint.
log-not-in-policy | {file}: 方針はログ{origin}の鍵を挙げていません。 | {file}: the policy does not name the key of the log {origin}.
unwitnessed | {file}: ログ{origin}の大きさ{size}に、方針が求める証人の署名がそろっていません(署名: {witnesses})。 | {file}: the log {origin} at size {size} has not the cosignatures that the policy wants (it has: {witnesses}).
epoch-beyond | {file}: 第{number}期の索引は、証人が署名した後の記録から作られています。 | {file}: epoch {number} of the map was made from entries beyond what witnesses cosigned.
# What could not be read.
file-unreadable | {file}を読めません: {reason} | {file} cannot be read: {reason}
file-too-large | {file}: {part}が上限の{limit}バイトを超えています。読みませんでした。 | {file}: {part} is larger than {limit} bytes and was not read.
not-as-given | {file}は、渡されたままのファイルではありません(保存し直されたか、壊れています)。受け取ったままのファイルを渡してください。 | {file} is not the file as it was given: it was saved anew, or is damaged. Give the file just as you got it.
authority-wanted | --members には、その一覧に署名した機関の鍵を --authority で添えてください。 | --members wants the key of the authority that signed the list, with --authority.
not-a-bundle | {file}は証拠の束ではありません: {part} | {file} is no evidence bundle: {part}
part-malformed | {file}: {part}の形式が正しくありません({defect})。 | {file}: {part} is malformed ({defect}).
policy-malformed | 渡された方針(--policy)の{line}行目の形式が正しくありません。 | Line {line} of the policy given with --policy is malformed.
key-malformed | 渡された鍵(--authority)の形式が正しくありません。 | The key given with --authority is malformed.
log-key-malformed | 渡された鍵(--key)の形式が正しくありません。 | The key given with --key is malformed.
# Headings and verdicts.
title | 照会{request}の証拠 | Evidence of the request {request}
verdict-proven | すべて確かめられました。 | Everything holds.
verdict-reserved | 壊れているところはありませんが、確かめていないことがあります(◆)。 | Nothing is broken, but some things were not verified (marked ◆).
verdict-broken | 壊れています。証拠として使わないでください。 | This is broken. Do not rely on it.
verdict-unreadable | 読めませんでした。 | This could not be read.
answer-complete | {origin}: {when}現在、記録は{count}件で、これですべてです。 | {origin}: complete as of {when}: {count} entries.
answer-none | {origin}: {when}現在、記録は1件もありません。 | {origin}: complete as of {when}: no entries.
answer-incomplete | {origin}: ここにある{newer}件は変わっていませんが、これですべてとはまだ証明されていません。 | {origin}: the {newer} entries here are unchanged, but not yet proven to be all.
answer-if | (◆を確かめた場合に限ります) | (only once what is marked ◆ is verified)
answer-broken | 最初に切れている箇所: {link} | The first broken link: {link}
heading-proven | 証明されたこと | Proven
heading-unproven | 証明されていないこと | Not proven
heading-broken | 壊れているところ | Broken
# The statement every bundle makes of itself (renkei-bundle/v1).
statement | 照会{request}の記録{count}件は、ログ{origin}の先頭から{size}件目までに含まれています。ほかに記録がないことを述べるものではありません。 | {count} entries of the request {request} are in the log {origin} up to its entry {size}. This does not state that there are no others.
# The statements of a person's bundle without a map (renkei-bundle/v1).
statement-plain-chains | ログ{origin}の先頭から{size}件目までのうち、{chains}本の鎖の{count}件。どの鎖も1番目から最後まで欠けがなく、その時点で、法令により不開示とされ監督機関で確認できる記録を除き、すべてです。これより後の記録の有無は、索引と立会署名の公開後に証明できます。 | Of the log {origin} up to its entry {size}: {count} entries in {chains} chains, each without a gap from its first to its last. Complete up to that point except entries withheld by law, which the oversight body can see. That no later entry of a chain exists can be proven once the log's index is published and witnessed.
statement-plain-none | ログ{origin}の先頭から{size}件目までに、該当する記録は見つかりませんでした。記録がないことは、索引と立会署名の公開後に証明できます。 | In the log {origin} up to its entry {size} no entry was found. That none exists can be proven once the log's index is published and witnessed.
# The statements of a person's bundle (renkei-bundle/v2).
statement-complete | ログ{origin}の先頭から{input}件目まで({at}現在)に、この{chains}本の鎖の記録は{count}件あり、法令により不開示とされ監督機関で確認できる記録を除き、これですべてです。だれにも同じログが示されていることは、立会署名で確かめます。 | In the log {origin} up to its entry {input} (as of {at}) these {chains} chains have {count} entries, and that is all of them, except entries withheld by law, which the oversight body can see. That everyone is shown the same log is for witnesses to confirm.
statement-newer | ログ{origin}の先頭から{input}件目まで({at}現在)に、この{chains}本の鎖の記録は{count}件あり、法令により不開示とされ監督機関で確認できる記録を除き、これですべてです。その後{size}件目までの{newer}件も欠けなく続きますが、ほかにないことは次の期の索引で証明されます。だれにも同じログが示されていることは、立会署名で確かめます。 | In the log {origin} up to its entry {input} (as of {at}) these {chains} chains have {count} entries, and that is all of them, except entries withheld by law, which the oversight body can see. {newer} more follow without a gap up to the entry {size}; that there are no others since is proven with the next epoch of the map. That everyone is shown the same log is for witnesses to confirm.
statement-none | ログ{origin}の先頭から{input}件目まで({at}現在)に、該当する記録は1件もありません(法令により不開示とされ監督機関で確認できる記録を除く)。だれにも同じログが示されていることは、立会署名で確かめます。 | In the log {origin} up to its entry {input} (as of {at}) there is no entry, except such as may be withheld by law, which the oversight body can see. That everyone is shown the same log is for witnesses to confirm.
# What a bundle of several years says of one that is pruned (renkei-bundle/v4).
statement-closed | この区分は閉じられており、その後の記録はありません。 | This shard is closed: nothing was entered in it after that.
statement-pruned | ログ{origin}の{size}件の記録は、保存期間の定め{rule}により{at}に廃棄されました。廃棄された記録に、この人についてのものがあったかどうかは述べません。 | The {size} entries of the log {origin} were pruned at {at} under the retention rule {rule}. Whether any of them was about this person is not stated.
# What a bundle says of its witnesses besides (renkei-bundle/v3).
statement-witnessed-map | 証人({witnesses})がログの{seen}件目までに、証人({mappers})がこの索引の期に署名しています。まだ証人の署名がない記録は{unwitnessed}件です。これらの署名は、手元の方針で確かめてください。 | The witnesses {witnesses} have cosigned this log up to its entry {seen}, and {mappers} this epoch of its map; not yet witnessed: {unwitnessed} entries. Verify their signatures by a policy of your own.
statement-witnessed-late | 証人({witnesses})がログの{seen}件目までに署名していますが、この索引の期にはまだ証人の署名がそろっていません。まだ証人の署名がない記録は{unwitnessed}件です。これらの署名は、手元の方針で確かめてください。 | The witnesses {witnesses} have cosigned this log up to its entry {seen}, but not yet this epoch of its map; not yet witnessed: {unwitnessed} entries. Verify their signatures by a policy of your own.
statement-witnessed-entries | 証人({witnesses})がログの{seen}件目までに署名しています。まだ証人の署名がない記録は{unwitnessed}件です。これらの署名は、手元の方針で確かめてください。 | The witnesses {witnesses} have cosigned this log up to its entry {seen}; not yet witnessed: {unwitnessed} entries. Verify their signatures by a policy of your own.
"""  # noqa: E501  # a table: code, Japanese, English
TEXTS = {
    code: (ja, en)
    for code, ja, en in (
        line.split(" | ") for line in TABLE.splitlines() if line and not line.startswith("#")
    )
}

WORDS = {
    "question": ("要求", "question"),
    "answer": ("応答", "answer"),
    "request": ("照会", "request"),
    "provision": ("提供", "provision"),
    "refusal": ("拒否", "refusal"),
    "conversion": ("変換", "conversion"),
    "failure": ("不達", "failure"),
    "view": ("閲覧", "view"),
    "asked": ("送信", "asked"),
    "received": ("受信", "received"),
    "answered": ("回答", "answered"),
    "not-held": ("該当なし", "not held"),
    "refused": ("拒否", "refused"),
    "failed": ("失敗", "failed"),
    "converted": ("変換済", "converted"),
    "receipted": ("受領証発行", "receipted"),
    "released": ("封をした本文の引渡し", "sealed bodies released"),
}

RESERVING = frozenset(
    {
        *("authority-not-given", "key-not-listed", "log-not-listed", "body-not-kept"),
        *("policy-not-given", "quorum-unverified", "key-not-given", "nothing-complete"),
    }
)


class Said(NamedTuple):
    """One thing to say, by its code."""

    code: str
    facts: dict[str, Any]

    def text(self, language: str) -> str:
        """Return it in words."""
        at = 0 if language == "ja" else 1
        facts = {}
        for name, fact in self.facts.items():
            if isinstance(fact, Said):
                facts[name] = fact.text(language)
            elif name == "when":
                facts[name] = _on_the_clock(str(fact), language)
            elif isinstance(fact, Member):
                known = (fact.ja, fact.en)[at]
                facts[name] = known if known == fact.id else f"{known} ({fact.id})"
            elif name in ("which", "kind", "outcome") and fact in WORDS:
                facts[name] = WORDS[fact][at]
            else:
                facts[name] = _printable(str(fact))
        return TEXTS[self.code][at].format(**facts).rstrip()


def _on_the_clock(at: str, language: str) -> str:
    """Return a moment of an entry or an epoch by Japan's clock."""
    try:
        there = datetime.strptime(at, "%Y-%m-%dT%H:%M:%S.%fZ") + timedelta(hours=9)  # noqa: DTZ007
    except (ValueError, OverflowError):
        return at
    return f"{there:%Y-%m-%d %H:%M:%S} {('(日本時間)', '(Japan time)')[language == 'en']}"


class Unreadable(Exception):
    """What was given is no evidence at all."""

    def __init__(self, code: str, **facts: Any) -> None:
        """Take what to say."""
        super().__init__(code)
        self.said = Said(code, facts)


class Listed(NamedTuple):
    """How far a person's entries in a log are proven to be all, and how many came since.

    `at` is empty where nothing is; that of one year stands under the year's name.
    """

    origin: str
    at: str
    complete: int
    newer: int


class Report:
    """What is proven, what is not, and what is broken."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.request = ""
        self.lists = 0
        self.listed: list[Listed] = []
        self.policy: Policy | None = None
        self.unseen = 0
        self.proven: list[Said] = []
        self.unproven: list[Said] = []
        self.broken: list[Said] = []

    def prove(self, code: str, **facts: Any) -> None:
        """Say that something is proven."""
        self.proven.append(Said(code, facts))

    def leave(self, code: str, **facts: Any) -> None:
        """Say that something is not proven; the same thing once."""
        said = Said(code, facts)
        if said not in self.unproven:
            self.unproven.append(said)

    def breaks(self, code: str, **facts: Any) -> None:
        """Say that something is broken."""
        self.broken.append(Said(code, facts))

    @property
    def verdict(self) -> str:
        """Return the verdict's name."""
        if self.broken:
            return "broken"
        return "reserved" if any(one.code in RESERVING for one in self.unproven) else "proven"


def _printable(text: str) -> str:
    """Return a text without what moves a terminal's cursor or turns the writing around."""
    return "".join(sign if sign.isprintable() else "?" for sign in text)[:2000]


# Curves -----------------------------------------------------------------------------------------

Point = Any  # a tuple of whole numbers; None is the point at infinity

P25519 = 2**255 - 19
L25519 = 2**252 + 27742317777372353535851937790883648493
D25519 = -121665 * pow(121666, -1, P25519) % P25519


def _ed_add(one: Point, other: Point) -> Point:
    """Add two points in extended coordinates (RFC 8032 5.1.4)."""
    x1, y1, z1, t1 = one
    x2, y2, z2, t2 = other
    a, b = (y1 - x1) * (y2 - x2) % P25519, (y1 + x1) * (y2 + x2) % P25519
    c, d = 2 * t1 * t2 * D25519 % P25519, 2 * z1 * z2 % P25519
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P25519, g * h % P25519, f * g % P25519, e * h % P25519


def _ed_times(number: int, point: Point) -> Point:
    total: Point = (0, 1, 1, 0)
    for bit in bin(number)[2:]:
        total = _ed_add(total, total)
        if bit == "1":
            total = _ed_add(total, point)
    return total


def _ed_decode(data: bytes) -> Point:
    """Return the point of 32 bytes, or None."""
    number = int.from_bytes(data, "little")
    sign, y = number >> 255, number & (2**255 - 1)
    if y >= P25519:
        return None
    square = (y * y - 1) * pow(D25519 * y * y + 1, -1, P25519) % P25519
    x = pow(square, (P25519 + 3) // 8, P25519)
    if (x * x - square) % P25519:
        x = x * pow(2, (P25519 - 1) // 4, P25519) % P25519
    if (x * x - square) % P25519 or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P25519 - x
    return x, y, 1, x * y % P25519


def _ed_encode(point: Point) -> bytes:
    x, y, z, _ = point
    inverse = pow(z, -1, P25519)
    x, y = x * inverse % P25519, y * inverse % P25519
    number: int = y | (x & 1) << 255
    return number.to_bytes(32, "little")


ED_BASE = _ed_decode(bytes.fromhex("58" + "66" * 31))


def ed25519_fits(public: bytes, data: bytes, signature: bytes) -> bool:
    """Tell whether this is the key's signature over the data (RFC 8032 5.1.7)."""
    key = _ed_decode(public) if len(public) == 32 else None
    scalar = int.from_bytes(signature[32:], "little")
    if key is None or len(signature) != 64 or scalar >= L25519:
        return False
    hashed = hashlib.sha512(signature[:32] + public + data).digest()
    x, y, z, t = key
    minus: Point = (P25519 - x, y, z, P25519 - t)
    number = int.from_bytes(hashed, "little") % L25519
    return (
        _ed_encode(_ed_add(_ed_times(scalar, ED_BASE), _ed_times(number, minus)))
        == (signature[:32])
    )


P256 = 2**256 - 2**224 + 2**192 + 2**96 - 1
N256 = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
B256 = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
P256_BASE: Point = (
    0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
    0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
)
P256_DER = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d03010703420004")


def _p256_add(one: Point, other: Point) -> Point:
    """Add two points of the curve, each of them affine or None."""
    if one is None or other is None:
        return other if one is None else one
    (x1, y1), (x2, y2) = one, other
    if x1 == x2 and (y1 + y2) % P256 == 0:
        return None
    if one == other:
        slope = (3 * x1 * x1 - 3) * pow(2 * y1, -1, P256) % P256
    else:
        slope = (y2 - y1) * pow(x2 - x1, -1, P256) % P256
    x = (slope * slope - x1 - x2) % P256
    return x, (slope * (x1 - x) - y1) % P256


def p256_point(der: bytes) -> Point:
    """Return the point of a public key in its DER form, or None for anything but P-256."""
    if len(der) != len(P256_DER) + 64 or der[: len(P256_DER)] != P256_DER:
        return None
    x, y = int.from_bytes(der[-64:-32], "big"), int.from_bytes(der[-32:], "big")
    if x >= P256 or y >= P256 or (y * y - x * x * x + 3 * x - B256) % P256:
        return None
    return x, y


def p256_fits(point: Point, digest: bytes, signature: bytes) -> bool:
    """Tell whether this is the key's ECDSA signature (r and s) over a SHA-256 digest."""
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    if len(signature) != 64 or len(digest) != 32 or not (0 < r < N256 and 0 < s < N256):
        return False
    inverse = pow(s, -1, N256)
    first = bin(int.from_bytes(digest, "big") * inverse % N256)[2:].zfill(256)
    second = bin(r * inverse % N256)[2:].zfill(256)
    both = {"10": P256_BASE, "01": point, "11": _p256_add(P256_BASE, point)}
    total: Point = None
    for at in range(256):
        total = _p256_add(total, total)
        total = _p256_add(total, both.get(first[at] + second[at]))
    return total is not None and total[0] % N256 == r


# Bytes, texts, trees ----------------------------------------------------------------------------


def _base64url(text: Any, length: int = -1) -> bytes:
    """Return the bytes of base64url without padding, in its one spelling; ValueError else."""
    if not isinstance(text, str):
        raise ValueError("no text")
    data = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    if base64.urlsafe_b64encode(data).rstrip(b"=").decode() != text:
        raise ValueError("another spelling")
    if length >= 0 and len(data) != length:
        raise ValueError("another length")
    return data


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _base64(text: str) -> bytes:
    data = base64.b64decode(text.encode("ascii"))
    if base64.b64encode(data).decode() != text:
        raise ValueError("another spelling")
    return data


def _key_name(der: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(der).digest()).rstrip(b"=").decode()


def parse_json(data: bytes) -> Any:
    """Read JSON without fractions, doubled members, depth or mass; ValueError else."""
    bare = data.replace(b"\\\\", b"").replace(b'\\"', b"")
    if bare.count(b'"') > 2 * MOST_VALUES:
        raise ValueError("too many values")
    outside = b"".join(bare.split(b'"')[::2])
    if sum(outside.count(sign) for sign in (b",", b"[", b"{")) > MOST_VALUES:
        raise ValueError("too many values")
    depth = 0
    for sign in outside.translate(None, bytes(set(range(256)) - set(b"[]{}"))):
        depth += 1 if sign in b"[{" else -1
        if depth > DEEPEST:
            raise ValueError("nested too deep")
    return json.loads(
        data.decode("utf-8"),
        object_pairs_hook=_members_once,
        parse_int=_whole,
        parse_float=_refused,
        parse_constant=_refused,
    )


def _members_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a member stands twice")
    return found


def _whole(text: str) -> int:
    if len(text) > 17 or abs(int(text)) > LARGEST_NUMBER:
        raise ValueError("a number is too large")
    return int(text)


def _refused(text: str) -> Any:
    raise ValueError(f"no whole number: {text[:20]}")


ESCAPED = re.compile(r'["\\\x00-\x1f]')
SHORT = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}
SHORT.update({'"': '\\"', "\\": "\\\\"})


def canonical(value: Any) -> bytes:
    """Return the RFC 8785 form of a value that `parse_json` may return."""
    return _rendered(value).encode("utf-8")


def _rendered(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return f'"{ESCAPED.sub(_escape, value)}"'
    if isinstance(value, list):
        return f"[{','.join(map(_rendered, value))}]"
    names = sorted(value, key=lambda name: name.encode("utf-16-be", "surrogatepass"))
    return "{" + ",".join(f"{_rendered(name)}:{_rendered(value[name])}" for name in names) + "}"


def _escape(found: re.Match[str]) -> str:
    return SHORT.get(found[0]) or f"\\u{ord(found[0]):04x}"


def leaf_hash(data: bytes) -> bytes:
    """Return the hash of a leaf (RFC 6962 2.1)."""
    return hashlib.sha256(b"\x00" + data).digest()


def tree_root(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    """Return the root that a leaf's hash and its audit path lead to; ValueError if they cannot."""
    if not 0 <= index < size:
        raise ValueError("outside the tree")
    if size == 1:
        if path:
            raise ValueError("a path too long")
        return leaf
    if not path:
        raise ValueError("a path too short")
    half = 1 << ((size - 1).bit_length() - 1)
    if index < half:
        parts = tree_root(leaf, index, half, path[:-1]) + path[-1]
    else:
        parts = path[-1] + tree_root(leaf, index - half, size - half, path[:-1])
    return hashlib.sha256(b"\x01" + parts).digest()


ED25519 = b"\x01"


class Verifier(NamedTuple):
    """An Ed25519 key under its name (C2SP: `name+id+key`)."""

    name: str
    id: bytes
    public: bytes

    @classmethod
    def parse(cls, text: str) -> Verifier:
        """Read a key; ValueError for anything else."""
        name, marked, encoded = text.split("+", 2)
        key = _base64(encoded)
        wanted = hashlib.sha256(name.encode() + b"\n" + key).digest()[:4]
        if key[:1] != ED25519 or len(key) != 33 or wanted.hex() != marked or not _is_name(name):
            raise ValueError("no Ed25519 key of this name")
        return cls(name, wanted, key[1:])

    @property
    def text(self) -> str:
        """Return the key as it is written."""
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(ED25519 + self.public).decode()}"

    def named(self, name: str) -> Verifier:
        """Return the same key under another name."""
        marked = hashlib.sha256(name.encode() + b"\n" + ED25519 + self.public).digest()[:4]
        return Verifier(name, marked, self.public)


def _is_name(name: str) -> bool:
    return bool(name) and "+" not in name and not any(sign.isspace() for sign in name)


def open_note(note: str, key: Verifier) -> list[str] | None:
    """Return the lines of a signed note; None where the key has not signed, ValueError else."""
    if len(note) > MEBI // 4 or re.search(r"[\x00-\x09\x0b-\x1f\ud800-\udfff]", note):
        raise ValueError("no note")
    text, blank, block = note.rpartition("\n\n")
    lines = block.split("\n")
    if not blank or lines.pop() != "" or not 0 < len(lines) <= 64:
        raise ValueError("no signatures")
    signed = False
    for line in lines:
        dash, _, rest = line.partition(" ")
        name, _, encoded = rest.partition(" ")
        signature = _base64(encoded)
        if dash != "\u2014" or not _is_name(name) or len(signature) < 5:
            raise ValueError("no signature line")
        if (name, signature[:4]) == (key.name, key.id):
            if not ed25519_fits(key.public, (text + "\n").encode(), signature[4:]):
                return None
            signed = True
    return text.split("\n") if signed else None


# Witnesses --------------------------------------------------------------------------------------

ED25519_WITNESS, ML_DSA_WITNESS = 4, 6


class Policy(NamedTuple):
    """Which logs count, who may have cosigned them, and how many must have (C2SP tlog-policy)."""

    logs: list[Verifier]
    witnesses: dict[tuple[str, bytes], tuple[str, bytes]]
    groups: list[tuple[str, int, list[str]]]
    quorum: str

    @classmethod
    def parse(cls, data: bytes) -> Policy:
        """Read it; Unreadable, with its line, for anything else."""
        found = cls([], {}, [], "")
        names: set[str] = {"none"}
        members: set[str] = set()
        quorum = ""
        number = 0
        try:
            for line in data.decode().split("\n"):
                number += 1
                words = line.split()
                if not words or words[0].startswith("#"):
                    continue
                if words[0] == "log" and len(words) in (2, 3):
                    found.logs.append(Verifier.parse(words[1]))
                    continue
                if words[0] == "quorum" and len(words) == 2 and not quorum and words[1] in names:
                    quorum = words[1]
                    continue
                if words[0] not in ("witness", "group") or len(words) < 3 or words[1] in names:
                    raise ValueError(line)
                if words[0] == "witness" and len(words) < 5:
                    key = _witness_key(words[2])
                    if key[2] in [public for _, public in found.witnesses.values()]:
                        raise ValueError(line)
                    found.witnesses[key[:2]] = (words[1], key[2])
                else:
                    found.groups.append(_group(words, names - {"none"}, members))
                names.add(words[1])
        except ValueError:
            raise Unreadable("policy-malformed", line=number) from None
        if not quorum:
            raise Unreadable("policy-malformed", line=number)
        return found._replace(quorum=quorum)

    def is_met(self, witnesses: Iterable[str]) -> bool:
        """Tell whether these witnesses are enough."""
        have = set(witnesses)
        for name, threshold, members in self.groups:
            if len(have.intersection(members)) >= threshold:
                have.add(name)
        return self.quorum == "none" or self.quorum in have


def _witness_key(text: str) -> tuple[str, bytes, bytes]:
    """Return a witness's name, key id, and key behind its type."""
    name, marked, encoded = text.split("+", 2)
    key = _base64(encoded)
    wanted = hashlib.sha256(name.encode() + b"\n" + key).digest()[:4]
    lengths = {ED25519_WITNESS: 33, ML_DSA_WITNESS: 1313}
    if not key or lengths.get(key[0]) != len(key) or wanted.hex() != marked or not _is_name(name):
        raise ValueError("no key of a witness")
    return name, wanted, key


def _group(words: list[str], known: set[str], members: set[str]) -> tuple[str, int, list[str]]:
    """Read a group; a name is a member once, so that each witness counts in one way only."""
    _, name, count, *rest = words
    if len(set(rest)) != len(rest) or not known.issuperset(rest) or members.intersection(rest):
        raise ValueError("members")
    members.update(rest)
    threshold = {"all": str(len(rest)), "any": "1"}.get(count, count)
    if not COUNT.fullmatch(threshold) or not 1 <= int(threshold) <= len(rest):
        raise ValueError("threshold")
    return name, int(threshold), rest


def cosigned_by(policy: Policy, note: str) -> tuple[set[str], set[str]] | None:
    """Return which witnesses cosigned a note, and which did by what is not verified here.

    None where the line of a known witness does not fit.
    """
    text, _, block = note.rpartition("\n\n")
    proven: set[str] = set()
    unverified: set[str] = set()
    for line in block.split("\n")[:-1]:
        _, name, encoded = line.split(" ", 2)
        signature = _base64(encoded)
        known = policy.witnesses.get((name, signature[:4]))
        if known is None:
            continue
        if known[1][0] == ML_DSA_WITNESS:
            unverified.add(known[0])
            continue
        seconds = int.from_bytes(signature[4:12], "big")
        said = b"cosignature/v1\ntime %d\n" % seconds + (text + "\n").encode()
        if not seconds or not ed25519_fits(known[1][1:], said, signature[12:]):
            return None
        proven.add(known[0])
    return proven, unverified


def _quorum(file: str, note: str, key: Verifier, size: int, report: Report) -> set[str] | None:
    """Return who cosigned a checkpoint under the policy; None where that is not enough."""
    policy = report.policy
    if policy is None:
        return None
    if policy.logs and key.public not in [log.public for log in policy.logs]:
        report.breaks("log-not-in-policy", file=file, origin=key.name)
        return None
    found = cosigned_by(policy, note)
    if found is None:
        report.breaks("cosignature-wrong", file=file, origin=key.name)
        return None
    proven, unverified = found
    if policy.is_met(proven):
        return proven
    if policy.is_met(proven | unverified):
        report.leave("quorum-unverified", witnesses=", ".join(sorted(unverified)))
        return None
    said = ", ".join(sorted(proven)) or "-"
    report.breaks("unwitnessed", file=file, origin=key.name, size=size, witnesses=said)
    return None


class Seen(NamedTuple):
    """How much of a log the witnesses saw, by the note that says so; what is said of it besides."""

    note: str
    size: int
    statement: dict[str, str]


def open_witnessed(
    file: str,
    wire: dict[str, Any],
    key: Verifier,
    tree: tuple[int, str],
    report: Report,
    mapped: tuple[int, str] | None = None,
) -> Seen | None:
    """Return what a bundle says was witnessed; of one that says nothing, its own checkpoint.

    `mapped` is how many entries are in its map, and the note of the output log.
    """
    if "witnessed" not in wire:
        return Seen(wire["checkpoint"], tree[0], {"ja": "", "en": ""})
    shown = wire["witnessed"]
    try:
        if not _shape(shown, {"checkpoint": str, "consistency": list}):
            raise ValueError("witnessed")
        lines = open_note(shown["checkpoint"], key)
        path = [_base64url(part, 32) for part in shown["consistency"]]
        if lines is not None and (len(lines) < 3 or not COUNT.fullmatch(lines[1])):
            raise ValueError("witnessed: checkpoint")
        root = _base64(lines[2]) if lines else b""
    except ValueError as error:
        raise Unreadable("part-malformed", file=file, part="bundle.json", defect=error) from None
    if lines is None or lines[0] != key.name:
        report.breaks("checkpoint-forged", file=file, origin=key.name)
        return None
    size = int(lines[1])
    if not begins(size, root, tree, path):
        report.breaks("witnessed-other", file=file, size=size)
        return None
    names, mappers = _names(shown["checkpoint"], key.name), ""
    code = "entries"
    if mapped is not None:
        mappers = _names(mapped[1], key.name + "/output")
        code = "map" if mappers and mapped[0] <= size else "late"
    facts: dict[str, Any] = {"witnesses": names, "mappers": mappers, "seen": size}
    facts["unwitnessed"] = sum(item["index"] >= size for item in wire["entries"])
    texts = TEXTS[f"statement-witnessed-{code}"]
    said = {name: " " + text.format(**facts) for name, text in zip(("ja", "en"), texts)}  # noqa: B905
    return Seen(shown["checkpoint"], size, said)


def check_witnesses(
    file: str,
    seen: Seen,
    wire: dict[str, Any],
    key: Verifier,
    owner: Member,
    report: Report,
) -> None:
    """Hold what witnesses cosigned of a log, and of its map, against the policy."""
    if report.policy is None:
        if "witnessed" in wire:
            report.leave("policy-not-given", owner=owner)
        report.unseen += 1
        return
    # 1. The log.
    proven = _quorum(file, seen.note, key, seen.size, report)
    if not proven:  # too few, or nobody, where the policy asks for none
        report.unseen += 1
        return
    witnesses = ", ".join(sorted(proven))
    report.prove("witnessed", witnesses=witnesses, owner=owner, size=seen.size)
    newer = sum(item["index"] >= seen.size for item in wire["entries"])
    if newer:
        report.leave("entries-unwitnessed", owner=owner, count=newer)
    # 2. Of a list the output log too, and that its epoch is of entries the witnesses saw.
    if "map" not in wire:
        return
    name, number = key.name + "/output", wire["map"]["number"]
    proven = _quorum(file, wire["map"]["checkpoint"], key._replace(name=name), number + 1, report)
    if not proven:
        report.unseen += 1
    elif wire["map"]["epoch"]["input_size"] > seen.size:
        report.breaks("epoch-beyond", file=file, number=number)
    else:
        witnesses = ", ".join(sorted(proven))
        report.prove("epoch-witnessed", witnesses=witnesses, owner=owner, number=number)


def _names(note: str, origin: str) -> str:
    """Return who else stands on a note than its log, whoever they are."""
    lines = note.rpartition("\n\n")[2].split("\n")[:-1]
    return ", ".join(sorted({line.split(" ", 2)[1] for line in lines} - {origin}))


# The parts of a bundle --------------------------------------------------------------------------


class Member(NamedTuple):
    """A member of the list, with the key of its messages and the one of its log."""

    id: str
    kind: str
    ja: str
    en: str
    keys: dict[str, Point]
    log_key: str


class Anchor(NamedTuple):
    """Another directory that a list names: by whose key, of which instance, and for whom."""

    authority: Verifier
    instance: str
    organisations: list[str]


class Members(NamedTuple):
    """A members list the authority has signed; `all` with those of the directories it names.

    Where log keys are `believed`, no other log is. One made of keys alone is of no authority.
    """

    authority: Verifier | None
    instance: str
    version: int
    at: str
    digest: bytes
    all: list[Member]
    anchors: dict[str, Anchor]
    believed: tuple[str, ...] = ()

    def with_key(self, name: str) -> Member | None:
        """Return who signs messages with the key of this name."""
        return next((member for member in self.all if name in member.keys), None)

    def with_log(self, key: str) -> Member | None:
        """Return whose log has this key, or has a year whose key this is (RK-42.1)."""
        own = {key, _key_of_log(key)} - {""}
        if self.believed and not own.intersection(self.believed):
            return None
        return next((member for member in self.all if member.log_key in own), None)

    def of(self, number: str) -> Member | None:
        """Return the member with this number."""
        return next((member for member in self.all if member.id == number), None)


def _key_of_log(key: str) -> str:
    """Return the key of the log of which this may be the key of one year; empty for none."""
    try:
        year = Verifier.parse(key)
    except ValueError:
        return ""
    return year.named(YEAR.sub("", year.name)).text


class Entry(NamedTuple):
    """An entry that is proven to stand in its log."""

    place: int
    core: dict[str, Any]
    core_hash: bytes

    @property
    def details(self) -> dict[str, str]:
        """Return its details."""
        found: dict[str, str] = self.core["details"]
        return found


class View(NamedTuple):
    """One party's proven entries about the exchange."""

    file: str
    owner: Member
    members: Members
    request: str
    size: int
    root: str
    entries: list[Entry]
    sealed: list[str]


def open_archive(name: str, data: bytes) -> dict[str, bytes]:
    """Return the files of a bundle; Unreadable for any archive a bundle would not be."""
    # 1. The end record is where it must be, and the directory small: read before `zipfile` does.
    end = data[-22:]
    if len(data) < 22 or end[:4] != b"PK\x05\x06" or end[20:] != b"\0\0":
        raise Unreadable("not-a-bundle", file=name, part="zip")
    if int.from_bytes(end[12:16], "little") > LARGEST_DIRECTORY or b"PK\x06\x07" in data[-42:-22]:
        raise Unreadable("not-a-bundle", file=name, part="zip directory")
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        # 2. Every file is one of ours, once, of a size that is allowed, and only then unpacked.
        infos = archive.infolist()
        more = {info.filename for info in infos if _limit_of_more(info.filename)}
        if sorted(info.filename for info in infos) != sorted({*FILES, *more}):
            said = ", ".join(info.filename[:60] for info in infos[:8])
            raise Unreadable("not-a-bundle", file=name, part=said)
        for info in infos:
            limit = FILES.get(info.filename) or _limit_of_more(info.filename)
            if info.file_size > limit:
                raise Unreadable("file-too-large", file=name, part=info.filename, limit=limit)
            if info.flag_bits & 1 or info.compress_type not in (0, 8):
                raise Unreadable("not-a-bundle", file=name, part=info.filename)
        return {info.filename: _unpacked(archive, info, name) for info in infos}
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError) as error:
        raise Unreadable("not-a-bundle", file=name, part=str(error)) from None
    except (NotImplementedError, RuntimeError) as error:
        raise Unreadable("not-a-bundle", file=name, part=str(error)) from None


def _limit_of_more(path: str) -> int:
    """Return how large a file may be that a bundle may have beside the usual ones, or 0."""
    if SEALED.fullmatch(path):
        return LARGEST_SEALED
    return LARGEST_LIST if DIRECTORY.fullmatch(path) else 0


def _unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str) -> bytes:
    """Return a file's bytes, never more than the archive said it has."""
    with archive.open(info) as stream:
        data = stream.read(info.file_size + 1)
    if len(data) != info.file_size:
        raise Unreadable("not-a-bundle", file=name, part=info.filename)
    return data


def _shape(value: Any, wanted: dict[str, Any]) -> bool:
    """Tell whether a value is an object of exactly these members, each of its type."""
    return (
        isinstance(value, dict)
        and value.keys() == wanted.keys()
        and all(
            type(value[name]) in (kind if isinstance(kind, tuple) else (kind,))
            for name, kind in wanted.items()
        )
    )


def open_members(
    file: str, parts: dict[str, bytes], authority: Verifier, report: Report
) -> Members | None:
    """Return the members list if the authority signed it, with the directories it names."""
    found = _signed_list(file, "members.json", parts["members.json"], authority)
    if found is None:
        report.breaks("members-forged", file=file)
        return None
    report.prove("members", version=found.version, at=found.at, authority=authority.name)
    for path in sorted(filter(DIRECTORY.fullmatch, parts)):
        _join(file, path, parts[path], found, report)
    return found


def _signed_list(file: str, path: str, data: bytes, authority: Verifier) -> Members | None:
    """Return a list as it stands alone; None where the authority has not signed it."""
    try:
        wire = parse_json(data)
        if not _shape(wire, {"list": dict, "signature": str}):
            raise ValueError("list, signature")
        signed, signature = canonical(wire["list"]), _base64url(wire["signature"], 64)
        if not ed25519_fits(authority.public, signed, signature):
            return None
        known = wire["list"]
        names = ("type", "version", "issued_at", "instance")
        kind, version, at, instance = (known[name] for name in names)
        if kind != "renkei-members-2" or not isinstance(known["members"], list):
            raise ValueError("type")
        if [type(version), type(at), type(instance)] != [int, str, str]:
            raise ValueError("version, issued_at, instance")
        members = [_member(row) for row in known["members"]]
        anchors = {
            anchor.authority.id.hex(): anchor for anchor in map(_anchor, known.get("anchors", []))
        }
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        defect = f"{type(error).__name__}: {error}"
        raise Unreadable("part-malformed", file=file, part=path, defect=defect) from None
    digest = hashlib.sha256(signed).digest()
    return Members(authority, instance, version, at, digest, members, anchors)


def _anchor(row: dict[str, Any]) -> Anchor:
    key, instance, organisations = row["authority"], row["instance"], row.get("organisations", [])
    if not isinstance(instance, str) or not isinstance(organisations, list):
        raise ValueError("anchors")
    return Anchor(Verifier.parse(key), instance, organisations)


def _join(file: str, path: str, data: bytes, ours: Members, report: Report) -> None:
    """Add whom another directory speaks for, if our list names it: nobody that ours speaks for."""
    named = DIRECTORY.fullmatch(path)
    anchor = ours.anchors.get(named[1] if named else "")
    if anchor is None:
        report.breaks("directory-unnamed", file=file, path=path)
        return
    theirs = _signed_list(file, path, data, anchor.authority)
    if theirs is None or theirs.instance != anchor.instance:
        report.breaks("directory-forged", file=file, path=path)
        return
    for member in theirs.all:
        if member.kind != "organisation" or ours.of(member.id) is not None:
            continue
        if anchor.organisations and member.id not in anchor.organisations:
            continue
        if any(map(ours.with_key, member.keys)) or ours.with_log(member.log_key) is not None:
            report.breaks("directory-overreaches", file=file, path=path, member=member)
            continue
        ours.all.append(member)
    facts = {"authority": anchor.authority.name, "own": ours.version}
    report.prove(
        "directory", instance=theirs.instance, version=theirs.version, at=theirs.at, **facts
    )


def _member(row: dict[str, Any]) -> Member:
    said = [row.get(name, "") for name in ("id", "kind", "ja", "en", "log_key")]
    if not all(isinstance(text, str) for text in said):
        raise ValueError("member")
    number, kind, ja, en, log_key = said
    keys = {}
    for signing in row["signing_keys"]:  # two while a member changes its key
        der = _base64url(signing)
        point = p256_point(der)
        if point is None:
            raise ValueError("signing_keys")
        keys[_key_name(der)] = point
    if log_key:
        Verifier.parse(log_key)
    return Member(number, kind, ja, en, keys, log_key)


def open_sealed(file: str, parts: dict[str, bytes], report: Report) -> list[str]:
    """Return the digests of the sealed bodies in a bundle, each of which its file has."""
    found = []
    for path, data in parts.items():
        named = SEALED.fullmatch(path)
        if named:
            if _text(hashlib.sha256(data).digest()) != named[1]:
                report.breaks("sealed-altered", file=file, name=path)
            found.append(named[1])
    return found


def open_view(
    file: str,
    data: bytes,
    members: Members | None,
    report: Report,
    sealed: Iterable[str] = (),
) -> View | None:
    """Return a party's entries, each proven under the checkpoint the party signed."""
    # 1. The form of the file: its one spelling, and the statement it must make.
    wire = _bundle(file, data)
    origin = wire["vkey"].partition("+")[0]
    try:
        key = Verifier.parse(wire["vkey"])
        lines = open_note(wire["checkpoint"], key)
    except ValueError as error:
        raise Unreadable(
            "part-malformed", file=file, part="bundle.json: vkey, checkpoint", defect=error
        ) from None
    # 2. Whose log it is, and what it signed.
    owner = members and members.with_log(wire["vkey"])
    if members is not None and owner is None:
        report.breaks("owner-unknown", file=file, origin=origin)
    if lines is None:
        report.breaks("checkpoint-forged", file=file, origin=origin)
        return None
    if len(lines) < 3 or "" in lines or lines[0] != key.name or not COUNT.fullmatch(lines[1]):
        raise Unreadable("part-malformed", file=file, part="bundle.json: checkpoint", defect="form")
    size, root = int(lines[1]), lines[2]
    facts = {"request": wire["request"], "count": len(wire["entries"]), "origin": origin}
    texts = TEXTS["statement"]
    seen = open_witnessed(file, wire, key, (size, root), report)
    if seen is None:
        return None
    said = {
        name: text.format(size=size, **facts) + seen.statement[name]
        for name, text in zip(("ja", "en"), texts)  # noqa: B905  # Python 3.8
    }
    if wire["statement"] != said:
        report.breaks("statement-differs", file=file)
    # 3. Every entry at its place in the tree.
    entries = list(_entries(file, wire, size, root, report))
    if members is None or owner is None:
        return None
    report.prove("checkpoint", owner=owner, origin=origin, size=size)
    for entry in entries:
        report.prove("entry", owner=owner, index=entry.place, **_told(entry, members))
    check_witnesses(file, seen, wire, key, owner, report)
    return View(file, owner, members, wire["request"], size, root, entries, list(sealed))


def _bundle(file: str, data: bytes) -> dict[str, Any]:
    wanted = {"chains": list, "checkpoint": str, "entries": list, "format": str}
    wanted.update({"request": str, "statement": dict, "vkey": str})
    try:
        wire = parse_json(data)
        if not _shape(wire, _of_format(wire, wanted, "renkei-bundle/v1")) or wire["chains"]:
            raise ValueError("not a bundle of one request")
        if canonical(wire) != data:
            raise ValueError("not in its canonical form")
        for item in wire["entries"]:
            if not _shape(item, {"index": int, "leaf": dict, "proof": list}):
                raise ValueError("index, leaf, proof")
    except (ValueError, RecursionError) as error:
        raise Unreadable("part-malformed", file=file, part="bundle.json", defect=error) from None
    found: dict[str, Any] = wire
    return found


def _of_format(wire: Any, wanted: dict[str, Any], plain: str) -> dict[str, Any]:
    """Return the members a bundle must have; ValueError where it is of neither format."""
    said = wire.get("format") if isinstance(wire, dict) else None
    if said == "renkei-bundle/v3":
        return {**wanted, "witnessed": dict}
    if said != plain:
        raise ValueError(f"neither {plain} nor renkei-bundle/v3")
    return wanted


def _entries(
    file: str, wire: dict[str, Any], size: int, root: str, report: Report
) -> Iterator[Entry]:
    last = -1
    for item in wire["entries"]:
        index = item["index"]
        defect = _defect(item["leaf"])
        if defect:
            report.breaks("entry-malformed", file=file, index=index, part=defect)
            continue
        core = item["leaf"]["core"]
        try:
            path = [_base64url(part, 32) for part in item["proof"]]
            found = tree_root(leaf_hash(canonical(item["leaf"])), index, size, path)
            stands = _base64(root) == found
        except ValueError:
            stands = False
        if not stands:
            report.breaks("entry-altered", file=file, index=index)
            continue
        if index <= last or core["request"] != wire["request"]:
            report.breaks("entry-misplaced", file=file, index=index)
            continue
        last = index
        yield Entry(index, core, hashlib.sha256(canonical(core)).digest())


def _defect(leaf: dict[str, Any]) -> str:
    """Return which part of a leaf is not what an entry has, or nothing."""
    empty = type(None)
    links = {"label": (str, empty), "prev": (str, empty), "seq": (int, empty)}
    if not _shape(leaf, {"core": dict, **links}) or not _shape(leaf["core"], CORE):
        return "members"
    core = leaf["core"]
    texts = [*core["items"], *core["details"].values()]
    if core["v"] != 1 or not all(isinstance(text, str) for text in texts):
        return "v, items, details"
    if (leaf["label"] is None) != (leaf["seq"] is None) or not INSTANT.fullmatch(core["at"]):
        return "label, seq, at"
    try:
        _base64url(core["salt"], 16)
        for name in ("label", "prev"):
            if leaf[name] is not None:
                _base64url(leaf[name], 32)
    except ValueError:
        return "salt, label, prev"
    return ""


def _told(entry: Entry, members: Members) -> dict[str, Any]:
    core = entry.core
    told: dict[str, Any] = {name: core[name] for name in ("at", "kind", "outcome")}
    told.update({name: members.of(core[name]) or core[name] for name in ("asker", "holder")})
    told["service"] = entry.details.get("service", "")
    return told


# A person's list and the map ---------------------------------------------------------------------

LIST: dict[str, Any] = {
    "chains": list,
    "checkpoint": str,
    "entries": list,
    "format": str,
    "map": dict,
}
LIST.update({"request": type(None), "statement": dict, "vkey": str})
UNMAPPED = {name: kind for name, kind in LIST.items() if name != "map"}
MAP = {"checkpoint": str, "consistency": list, "epoch": dict, "inclusion": list, "number": int}
EPOCH = {"at": str, "input_root": str, "input_size": int, "map_root": str, "v": int}


class Head(NamedTuple):
    """How many entries a label has, and the index and hash of the last."""

    entries: int
    last: int
    hash: bytes


class Chain:
    """A label of the list: what the map proves of it, and how far its entries were followed."""

    def __init__(self, wire: Any, is_mapped: bool) -> None:
        """Read it; ValueError for anything else. Without a map each announced has entries."""
        wanted = {"count": int, "label": str}
        if not _shape(wire, {**wanted, "map": dict} if is_mapped else wanted):
            raise ValueError("chains")
        if wire["count"] < (0 if is_mapped else 1):
            raise ValueError("chains: count")
        self.announced, self.label = wire["count"], _base64url(wire["label"], 32)
        self.count, self.in_map = 0, Head(0, 0, b"")
        self.prev: str | None = None
        self.head = Head(0, 0, b"")
        if is_mapped:
            self._read_proof(wire["map"])

    def _read_proof(self, proof: dict[str, Any]) -> None:
        shown = {"head": (dict, type(None)), "siblings": list, "stranger": (dict, type(None))}
        if not _shape(proof, shown):
            raise ValueError("chains: map")
        self._siblings = [_base64url(part, 32) for part in proof["siblings"]]
        head, stranger = proof["head"], proof["stranger"]
        if head is not None and stranger is not None:
            raise ValueError("chains: map: head and stranger")
        if head is not None:
            if not _shape(head, {"count": int, "hash": str, "last": int}):
                raise ValueError("chains: map: head")
            if head["count"] < 1 or head["last"] < 0:
                raise ValueError("chains: map: head")
            self.head = Head(head["count"], head["last"], _base64url(head["hash"], 32))
        self._stranger: tuple[bytes, bytes] | None = None
        if stranger is not None:
            if not _shape(stranger, {"head": str, "path": str}):
                raise ValueError("chains: map: stranger")
            self._stranger = _base64url(stranger["path"], 32), _base64url(stranger["head"], 32)

    def root(self) -> bytes | None:
        """Return the root of the map that the proof leads to (RK-25.2); None if to none."""
        path, depth = hashlib.sha256(b"renkei-map-path" + self.label).digest(), len(self._siblings)
        if depth > 256:
            return None
        way = int.from_bytes(path, "big") >> (256 - depth)
        node = bytes(32)
        if self.head.entries:
            value = self.head.entries.to_bytes(8, "big") + self.head.last.to_bytes(8, "big")
            node = _map_leaf(path, hashlib.sha256(value + self.head.hash).digest())
        elif self._stranger is not None:
            other, digest = self._stranger
            if other == path or int.from_bytes(other, "big") >> (256 - depth) != way:
                return None
            node = _map_leaf(other, digest)
        for sibling in reversed(self._siblings):
            pair = sibling + node if way & 1 else node + sibling
            node, way = hashlib.sha256(b"\x03" + pair).digest(), way >> 1
        return node

    def follow(self, index: int, leaf: dict[str, Any], mapped: int) -> bool:
        """Take the next entry of the chain; tell whether it continues it."""
        if (leaf["seq"], leaf["prev"]) != (self.count + 1, self.prev):
            return False
        hashed = leaf_hash(canonical(leaf))
        self.count, self.prev = self.count + 1, _text(hashed)
        if index < mapped:
            self.in_map = Head(self.count, index, hashed)
        return True


def _map_leaf(path: bytes, digest: bytes) -> bytes:
    return hashlib.sha256(b"\x02" + path + digest).digest()


def continued_roots(
    old: int, new: int, path: list[bytes], known: bytes, whole: bool = True
) -> tuple[bytes, bytes]:
    """Return the roots of both sizes a consistency proof leads to (RFC 6962 2.1.2)."""
    if old == new:
        found = known if whole else path.pop()
        return found, found
    half = 1 << ((new - 1).bit_length() - 1)
    beside = path.pop()
    if old <= half:
        first, last = continued_roots(old, half, path, known, whole)
        return first, hashlib.sha256(b"\x01" + last + beside).digest()
    first, last = continued_roots(old - half, new - half, path, known, False)
    joined = (hashlib.sha256(b"\x01" + beside + part).digest() for part in (first, last))
    return next(joined), next(joined)


def open_list(
    file: str, wire: dict[str, Any], members: Members | None, report: Report, year: int = 0
) -> None:
    """Verify a person's list: every entry, every chain, and that the map knows of no others."""
    # 1. The signed trees: the log, and the output log of its map if there is one, by the same key.
    is_mapped = "map" in wire
    try:
        key = Verifier.parse(wire["vkey"])
        chains = [Chain(one, is_mapped) for one in wire["chains"]]
        if len({chain.label for chain in chains}) < len(chains):
            raise ValueError("chains: a label stands twice")
        signed = {key.name: open_note(wire["checkpoint"], key)}
        paths = {}
        if is_mapped:
            own = key.named(key.name + "/output")
            signed[own.name] = open_note(wire["map"]["checkpoint"], own)
            paths = _map_paths(wire["map"])
    except ValueError as error:
        raise Unreadable("part-malformed", file=file, part="bundle.json", defect=error) from None
    owner = members and members.with_log(wire["vkey"])
    if members is not None and owner is None:
        report.breaks("owner-unknown", file=file, origin=key.name)
    trees = _signed_trees(file, signed, report)
    if trees is None:
        return
    # 2. The epoch in the output log, its entries at the beginning of the log, and who saw both.
    mapped = 0
    if is_mapped:
        mapped = wire["map"]["epoch"]["input_size"]
        if not _has_epoch(file, wire, trees, paths, report):
            return
    output = (mapped, wire["map"]["checkpoint"]) if is_mapped else None
    seen = open_witnessed(file, wire, key, trees[0], report, output)
    if seen is None:
        return
    # 3. Each label's proof, each entry in its chain, and each chain's end.
    if is_mapped:
        _check_proofs(file, wire["map"], chains, report)
    if report.broken or not _followed(file, wire, chains, trees[0], mapped, report, year):
        return
    if _conclude(file, wire, chains, owner, trees[0], seen, report) and owner is not None:
        check_witnesses(file, seen, wire, key, owner, report)


def _check_proofs(file: str, shown: dict[str, Any], chains: list[Chain], report: Report) -> None:
    root = _base64url(shown["epoch"]["map_root"])
    for place, chain in enumerate(chains, 1):
        if chain.root() != root:
            report.breaks("map-broken", file=file, place=place, number=shown["number"])


def _signed_trees(
    file: str, signed: dict[str, list[str] | None], report: Report
) -> list[tuple[int, str]] | None:
    """Return size and root of each tree by its checkpoint's lines; None where one is not signed."""
    trees = []
    for origin, lines in signed.items():
        if lines is None or len(lines) < 3 or lines[0] != origin or not COUNT.fullmatch(lines[1]):
            report.breaks("checkpoint-forged", file=file, origin=origin)
            return None
        trees.append((int(lines[1]), lines[2]))
    return trees


def _map_paths(shown: dict[str, Any]) -> dict[str, list[bytes]]:
    """Return the paths that prove the epoch; ValueError for an epoch that is none."""
    epoch = shown["epoch"]
    if not _shape(epoch, EPOCH) or epoch["v"] != 1 or not INSTANT.fullmatch(epoch["at"]):
        raise ValueError("map: epoch")
    for part in ("input_root", "map_root"):
        _base64url(epoch[part], 32)
    return {
        part: [_base64url(one, 32) for one in shown[part]] for part in ("consistency", "inclusion")
    }


def _has_epoch(
    file: str,
    wire: dict[str, Any],
    trees: list[tuple[int, str]],
    paths: dict[str, list[bytes]],
    report: Report,
) -> bool:
    """Tell whether the output log has the epoch, and the log begins with its entries."""
    epoch, number = wire["map"]["epoch"], wire["map"]["number"]
    (log, (outputs, root)), leaf = trees, leaf_hash(canonical(epoch))
    if not _leads(leaf, number, outputs, paths["inclusion"], root):
        report.breaks("epoch-altered", file=file, number=number)
        return False
    known = _base64url(epoch["input_root"])
    if not begins(epoch["input_size"], known, log, paths["consistency"]):
        report.breaks("epoch-apart", file=file)
        return False
    return True


def begins(old: int, root: bytes, tree: tuple[int, str], path: list[bytes]) -> bool:
    """Tell whether a tree is the beginning of another, by its proof (RFC 6962 2.1.2)."""
    left = list(path)
    try:
        found = continued_roots(old, tree[0], left, root) if 0 < old <= tree[0] else (b"", b"")
        return not left and found == (root, _base64(tree[1]))
    except (IndexError, ValueError, RecursionError):
        return False


def _leads(leaf: bytes, index: int, size: int, path: list[bytes], root: str) -> bool:
    try:
        return tree_root(leaf, index, size, path) == _base64(root)
    except ValueError:
        return False


def _followed(
    file: str,
    wire: dict[str, Any],
    chains: list[Chain],
    tree: tuple[int, str],
    mapped: int,
    report: Report,
    year: int,
) -> bool:
    """Follow every entry; tell whether each stands where it must."""
    known = {chain.label: chain for chain in chains}
    apart: dict[int, str] = {}
    opened: dict[int, str] = {}
    before = -1
    for item in wire["entries"]:
        index, leaf = item["index"], item["leaf"]
        defect = _defect(leaf)
        if defect:
            report.breaks("entry-malformed", file=file, index=index, part=defect)
            return False
        path = [_base64url(part, 32) for part in item["proof"]]
        hashed = leaf_hash(canonical(leaf))
        if index <= before or not _leads(hashed, index, tree[0], path, tree[1]):
            report.breaks("entry-altered", file=file, index=index)
            return False
        before = index
        chain = known.get(_base64url(leaf["label"])) if leaf["label"] else None
        if chain is None and leaf["core"]["withheld"]:
            apart[index] = _text(hashed)
        elif chain is None or not chain.follow(index, leaf, mapped):
            report.breaks("chain-broken", file=file, index=index)
            return False
        elif leaf["core"]["kind"] == "release":
            said = leaf["core"]["details"]
            is_here = said.get("year", "0") == str(year)
            if is_here and COUNT.fullmatch(said.get("entry", "")):
                opened[int(said["entry"])] = said.get("leaf", "")
    for index, _ in sorted(apart.items() ^ opened.items()):
        report.breaks("release-broken", file=file, index=index)
    for place, chain in enumerate(chains, 1):
        if chain.count != chain.announced or chain.head != chain.in_map:
            report.breaks("chain-short", file=file, place=place, count=chain.head.entries)
    return not report.broken


def _conclude(
    file: str,
    wire: dict[str, Any],
    chains: list[Chain],
    owner: Member | None,
    tree: tuple[int, str],
    seen: Seen,
    report: Report,
) -> bool:
    """Say what is proven, if the list says of itself the same; tell whether it does."""
    origin, epoch = wire["vkey"].partition("+")[0], wire["map"]["epoch"] if "map" in wire else None
    count = sum(chain.head.entries for chain in chains)
    newer = sum(chain.count for chain in chains) - count
    facts = {"origin": origin, "size": tree[0], "chains": len(chains)}
    if epoch is None:  # RK-51.2
        facts["count"] = len(wire["entries"])
        code = "plain-chains" if wire["entries"] else "plain-none"
    else:
        facts.update({"input": epoch["input_size"], "at": epoch["at"]})
        facts.update({"count": count, "newer": newer})
        code = "newer" if newer else "complete" if count else "none"
    texts = TEXTS[f"statement-{code}"]
    said = {name: text.format(**facts) for name, text in zip(("ja", "en"), texts)}  # noqa: B905
    if wire["statement"] != {name: text + seen.statement[name] for name, text in said.items()}:
        report.breaks("statement-differs", file=file)
    if owner is None or report.broken:
        return False
    report.prove("checkpoint", owner=owner, origin=origin, size=tree[0])
    if epoch is None:
        report.leave("list-unmapped", origin=origin, count=newer)
    else:
        of: dict[str, Any] = {"owner": owner, "at": epoch["at"], "size": epoch["input_size"]}
        report.prove("epoch", number=wire["map"]["number"], **of)
        for chain in chains:
            code = "list-complete" if chain.head.entries else "list-none"
            report.prove(code, count=chain.head.entries, **of)
        if newer:
            report.leave("list-newer", count=newer)
    report.leave("list-withheld")
    report.listed.append(Listed(origin, epoch["at"] if epoch else "", count, newer))
    return True


def _list(file: str, data: bytes) -> dict[str, Any] | None:
    """Return a person's list; None for what is none, which `open_view` reads."""
    try:
        wire = parse_json(data)
        if not isinstance(wire, dict) or wire.get("request", "") is not None:
            return None
        is_mapped = "map" in wire
        wanted, plain = (LIST, "renkei-bundle/v2") if is_mapped else (UNMAPPED, "renkei-bundle/v1")
        if not _shape(wire, _of_format(wire, wanted, plain)) or canonical(wire) != data:
            raise ValueError("not a person's list in its canonical form")
        if is_mapped and not _shape(wire["map"], MAP):
            raise ValueError("map")
        for item in wire["entries"]:
            if not _shape(item, {"index": int, "leaf": dict, "proof": list}):
                raise ValueError("index, leaf, proof")
            for part in item["proof"]:
                _base64url(part, 32)
    except (ValueError, RecursionError) as error:
        raise Unreadable("part-malformed", file=file, part="bundle.json", defect=error) from None
    found: dict[str, Any] = wire
    return found


# The years of a log -----------------------------------------------------------------------------

YEARS = {"format": str, "opened": list, "request": (str, type(None)), "shards": list}
YEARS.update({"statement": dict, "vkey": str})
PLACED = {"entry": dict, "shard": str}
ONE_YEAR: dict[str, Any] = {"checkpoint": (str, type(None)), "name": str}
ONE_YEAR["closing"] = (dict, type(None))
ONE_YEAR.update({"opening": (dict, type(None)), "pruning": (dict, type(None))})


class Years:
    """A bundle of several years: the part of each that is kept, and what joins them."""

    def __init__(self, file: str, wire: dict[str, Any]) -> None:
        """Read it; ValueError for what is not one."""
        self.file, self.request, self._wire = file, wire["request"], wire
        self.vkey, self.key = wire["vkey"], Verifier.parse(wire["vkey"])
        if not _shape(wire, YEARS) or wire["format"] != "renkei-bundle/v4" or not wire["shards"]:
            raise ValueError("not a bundle of several years")
        self.parts: dict[str, bytes] = {}
        self.trees: dict[str, tuple[int, str]] = {}
        self.names = [one["name"] for one in wire["shards"]]
        labels = set()
        for one in wire["shards"]:
            part = one.get("part")
            wanted = ONE_YEAR if part is None else {**ONE_YEAR, "part": dict}
            if not _shape(one, wanted) or (part is None) != (one["pruning"] is not None):
                raise ValueError("shards")
            note = one["checkpoint"] if part is None else part["checkpoint"]
            lines = open_note(note, self.year_key(one["name"]))
            if lines is None or len(lines) < 3 or lines[0] != one["name"]:
                raise ValueError("checkpoint")
            if not COUNT.fullmatch(lines[1]):
                raise ValueError("checkpoint")
            self.trees[one["name"]] = int(lines[1]), lines[2]
            if part is not None:
                if part["vkey"].partition("+")[0] != one["name"] or part["request"] != self.request:
                    raise ValueError("part")
                self.parts[one["name"]] = canonical(part)
                if "map" in part:  # without one nothing is said of who has no entries (RK-51.2)
                    labels.add(frozenset(chain["label"] for chain in part["chains"]))
        is_list = self.request is None
        numbers = [self.year(name) for name in self.names]
        if numbers != sorted(set(numbers)) or self.names[-1] not in self.parts:
            raise ValueError("the years' order")
        if is_list and (numbers[0] != 0 or len(labels) > 1):
            raise ValueError("a year is missing, or of other labels")

    def year(self, name: str) -> int:
        """Return which year of the log bears a name; 0 is the first, which has none in its name."""
        rest = name[len(self.key.name) :]
        if not name.startswith(self.key.name) or (rest and not YEAR.fullmatch(rest)):
            raise ValueError("name")
        return int(rest[1:] or 0)

    def year_key(self, name: str) -> Verifier:
        """Return the key of a year, which follows from the log's."""
        self.year(name)
        return self.key.named(name)

    def check(self, owner: Member | None, report: Report) -> None:
        """Follow the years one to the next; say which are pruned, and hold the statement to it."""
        said: list[dict[str, str]] = []
        for number, one in enumerate(self._wire["shards"]):
            name, part = one["name"], one.get("part")
            if number and self.request is None:
                opening = self._details(one["opening"], name, "opened")
                is_first = opening is not None and one["opening"]["index"] == 0
                follows = opening["details"].get("follows") if opening is not None else None
                if not is_first or follows != self.names[number - 1]:
                    report.breaks("year-broken", file=self.file, name=name)
            is_closed = one["closing"] is not None
            if (is_closed or part is None) and not self._ended(one, self.names[number + 1 :]):
                report.breaks("year-broken", file=self.file, name=name)
            if part is not None:
                more = TEXTS["statement-closed"] if is_closed else ("", "")
                words = zip(("ja", "en"), more)  # noqa: B905  # Python 3.8
                said.append({at: f"{part['statement'][at]} {text}".rstrip() for at, text in words})
                continue
            core = None
            if (
                _shape(one["pruning"], PLACED)
                and one["pruning"]["shard"] in self.names[number + 1 :]
            ):
                core = self._details(one["pruning"]["entry"], one["pruning"]["shard"], "pruned")
            if core is None or core["details"].get("shard") != name:
                report.breaks("year-broken", file=self.file, name=name)
                return
            facts = {"origin": name, "size": self.trees[name][0], "at": core["at"]}
            facts["rule"] = core["details"].get("rule", "")
            texts = TEXTS["statement-pruned"]
            said.append({"ja": texts[0].format(**facts), "en": texts[1].format(**facts)})
            if owner is not None:
                report.leave("year-pruned", owner=owner, name=name, **facts)
        whole = {at: "\n".join(one[at] for one in said) for at in ("ja", "en")}
        if self._wire["statement"] != whole:
            report.breaks("statement-differs", file=self.file)

    def complete(self, parts: Sequence[Listed]) -> Listed:
        """Return how far all years together are proven to be all (RK-51.3).

        Nothing can come any more in a year that is closed. One without an epoch began with its
        first entry: what was entered before that stands in the years before.
        """
        until = {part.origin: part.at for part in parts}
        times = []
        for number, one in enumerate(self._wire["shards"]):
            if one["closing"] is None and one["pruning"] is None:
                begun = one["opening"]["leaf"]["core"]["at"] if number else ""
                times.append(until[one["name"]] or begun)
        complete, newer = (sum(counts) for counts in zip(*(part[2:] for part in parts)))  # noqa: B905
        return Listed(self.key.name, min(times), complete, newer)

    def _ended(self, one: dict[str, Any], newer: list[str]) -> bool:
        """Tell whether a year is shown as it was closed: with its last tree, and its last map."""
        placed, part = one["closing"], one.get("part")
        if not _shape(placed, PLACED) or placed["shard"] not in newer:
            return False
        core = self._details(placed["entry"], placed["shard"], "closed")
        if core is None or core["details"].get("shard") != one["name"]:
            return False
        told, (size, root) = core["details"], self.trees[one["name"]]
        is_last = (told.get("size"), told.get("root")) == (str(size), _text(_base64(root)))
        if part is None:
            return is_last
        # The last map of a year holds all of it: one that is closed cannot be without (RK-42.5).
        number = part["map"]["number"] if "map" in part else -1
        return is_last and number >= 0 and told.get("output_size") == str(number + 1)

    def _details(self, item: Any, name: str, outcome: str) -> dict[str, Any] | None:
        """Return the core of an entry about the log itself that is proven; None for any other."""
        if not _shape(item, {"index": int, "leaf": dict, "proof": list}) or _defect(item["leaf"]):
            return None
        size, root = self.trees[name]
        path = [_base64url(part, 32) for part in item["proof"]]
        core: dict[str, Any] = item["leaf"]["core"]
        is_so = core["kind"] == "shard" and core["outcome"] == outcome
        stands = _leads(leaf_hash(canonical(item["leaf"])), item["index"], size, path, root)
        return core if is_so and stands else None

    def check_opened(self, report: Report) -> None:
        """Hold what was released in another year against the releases that name it, both ways."""
        named, shown = set(), set()
        for name, part in self.parts.items():
            for item in parse_json(part)["entries"]:
                core = item["leaf"]["core"]
                year = int(core["details"].get("year", "0")) if core["kind"] == "release" else None
                if year is None or year == self.year(name):
                    continue
                where = f"{self.key.name}/{year}" if year else self.key.name
                if where in self.parts:
                    told = core["details"]
                    named.add((where, int(told["entry"]), told.get("leaf", "")))
        for one in self._wire["opened"]:
            if not _shape(one, PLACED) or one["shard"] not in self.parts:
                raise ValueError("opened")
            item, (size, root) = one["entry"], self.trees[one["shard"]]
            path = [_base64url(part, 32) for part in item["proof"]]
            hashed = leaf_hash(canonical(item["leaf"]))
            if not _leads(hashed, item["index"], size, path, root):
                report.breaks("entry-altered", file=self.file, index=item["index"])
            shown.add((one["shard"], item["index"], _text(hashed)))
        for _, index, _ in sorted(named ^ shown):
            report.breaks("release-broken", file=self.file, index=index)


def _years(file: str, data: bytes) -> Years | None:
    """Return a bundle of several years; None for one of another format."""
    try:
        wire = parse_json(data)
        if not isinstance(wire, dict) or wire.get("format") != "renkei-bundle/v4":
            return None
        if canonical(wire) != data:
            raise ValueError("not in its canonical form")
        return Years(file, wire)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Unreadable("part-malformed", file=file, part="bundle.json", defect=error) from None


def open_years(
    years: Years, members: Members | None, report: Report, sealed: Iterable[str]
) -> View | None:
    """Verify each year's part, then what joins them; return the entries of a request."""
    owner = members and members.with_log(years.vkey)
    views, before = [], len(report.listed)
    for name, part in years.parts.items():
        if years.request is not None:
            views.append(open_view(f"{years.file} ({name})", part, members, report, sealed))
            continue
        listed = _list(f"{years.file} ({name})", part)
        if listed is None:
            raise Unreadable("part-malformed", file=years.file, part="bundle.json", defect=name)
        open_list(f"{years.file} ({name})", listed, members, report, years.year(name))
    try:
        years.check(owner, report)
        years.check_opened(report)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Unreadable(
            "part-malformed", file=years.file, part="bundle.json", defect=error
        ) from None
    if years.request is None and not report.broken:
        parts, report.listed = report.listed[before:], report.listed[:before]
        report.listed.append(years.complete(parts))
    found = [one for one in views if one is not None]
    if not found or len(found) < len(views):
        return None
    return found[-1]._replace(entries=[entry for one in found for entry in one.entries])


# What the entries say of messages and receipts --------------------------------------------------


def check_signatures(view: View, report: Report) -> bool:
    """Verify every message signature that a party entered; tell whether there was one."""
    any_kept = False
    for entry in view.entries:
        for which in ("question", "answer"):
            parts = (which, f"{which}_key", f"{which}_signature")
            kept = [part for part in parts if part in entry.details]
            if kept:
                any_kept = True
                _check_signature(view, entry, which, report)
    return any_kept


def _check_signature(view: View, entry: Entry, which: str, report: Report) -> None:
    said: dict[str, Any] = {"owner": view.owner, "index": entry.place, "which": which}
    details = entry.details
    try:
        digest = _base64url(details.get(which), 32)
        signature = _base64(details.get(f"{which}_signature", ""))
        name = details[f"{which}_key"]
        if len(signature) != 64:
            raise ValueError("signature")
        if f"{which}_body" in details:
            _base64url(details[f"{which}_body"], 32)
    except (ValueError, KeyError):
        report.breaks("signature-incomplete", **said)
        return
    signer = view.members.with_key(name)
    if signer is None:
        report.leave("key-not-listed", key=name, **said)
        return
    if not p256_fits(signer.keys[name], digest, signature):
        report.breaks("signature-wrong", signer=signer, **said)
        return
    wanted = entry.core["asker"]
    if which == "answer":
        wanted = details.get("by") or entry.core["holder"]
    if signer.id != wanted:
        expected = view.members.of(wanted) or wanted
        report.breaks("signer-differs", signer=signer, wanted=expected, **said)
        return
    report.prove(f"{which}-signed", owner=view.owner, index=entry.place, signer=signer)


def check_receipts(views: list[View], report: Report) -> None:
    """Verify every receipt, each once, and that its promise was kept where that can be seen."""
    done = set()
    for view in views:
        for entry in view.entries:
            line = entry.details.get("receipt", "")
            if line and line not in done:
                done.add(line)
                _check_receipt(view, entry, line, views, report)


def _check_receipt(view: View, entry: Entry, line: str, views: list[View], report: Report) -> None:
    said: dict[str, Any] = {"owner": view.owner, "index": entry.place}
    try:
        text, _, encoded = line.rpartition(" ")
        form, origin, core, at, delay, transcript = text.split(" ")
        core_hash, signature = _base64url(core, 32), _base64url(encoded, 68)
        _base64url(transcript, 32)
        if form != "renkei-receipt/v1" or not INSTANT.fullmatch(at) or not COUNT.fullmatch(delay):
            raise ValueError("form")
        if int(delay) > 31 * 86400 or len(line) > 1024:
            raise ValueError("delay")
    except ValueError:
        report.breaks("receipt-malformed", **said)
        return
    for member in view.members.all:
        key = Verifier.parse(member.log_key) if member.log_key else None
        if member.kind == "log" and key and (key.name, key.id) == (origin, signature[:4]):
            break
    else:
        report.leave("log-not-listed", origin=origin)
        return
    if not ed25519_fits(key.public, text.encode(), signature[4:]):
        report.breaks("receipt-forged", signer=member, **said)
        return
    report.prove("receipt", signer=member, at=at, delay=delay)
    its_own = [one for one in views if one.owner.id == member.id]
    if any(one.core_hash == core_hash for its in its_own for one in its.entries):
        report.prove("receipt-kept", signer=member)
    elif its_own:
        report.breaks("receipt-broken", signer=member)


def check_body(views: list[View], which: str, hashed: bytes, report: Report) -> None:
    """Hold the SHA-256 of a body against the digests of all entries."""
    digest = base64.urlsafe_b64encode(hashed).rstrip(b"=").decode()
    kept = [
        (view, entry, entry.details[f"{which}_body"])
        for view in views
        for entry in view.entries
        if f"{which}_body" in entry.details
    ]
    for view, entry, wanted in kept:
        if wanted == digest:
            report.prove("body", owner=view.owner, index=entry.place, which=which)
    if not kept:
        report.leave("body-not-kept", which=which)
    elif all(wanted != digest for _, _, wanted in kept):
        report.breaks("body-differs", which=which)


def check_sealed(views: list[View], given: Iterable[bytes], report: Report) -> None:
    """Hold the sealed bodies that are here against those the entries name."""
    here = {digest for view in views for digest in view.sealed} | {_text(one) for one in given}
    named = set()
    for view in views:
        for entry in view.entries:
            for which in ("question", "answer"):
                if f"{which}_sealed" in entry.details:
                    named.add(_check_sealed(view, entry, which, here, report))
    for digest in sorted(here - named):
        report.breaks("sealed-unnamed", name=digest)
    if here & named:
        report.leave("sealed-not-opened")


def _check_sealed(view: View, entry: Entry, which: str, here: set[str], report: Report) -> str:
    said: dict[str, Any] = {"owner": view.owner, "index": entry.place, "which": which}
    details = entry.details
    digest, key, until = (details.get(f"{which}{part}", "") for part in SEALED_PARTS)
    try:
        for text in (digest, key, details.get(f"{which}_body")):
            _base64url(text, 32)
        if not DAY.fullmatch(until):
            raise ValueError("until")
    except ValueError:
        report.breaks("sealed-malformed", **said)
        return digest
    if digest in here:
        report.prove("sealed", key=key, **said)
    else:
        report.leave("sealed-not-given", until=until, **said)
    return digest


# Several parties --------------------------------------------------------------------------------

OF_EXCHANGE = ("asker", "holder", "mode", "procedure", "unit", "purpose", "items")
OF_DECISION = ("provision", "table")
OF_ENVELOPE = ("message", "client", "service", "receipt")
OF_MESSAGES = tuple(
    f"{which}{part}"
    for which in ("question", "answer")
    for part in ("", "_key", "_signature", "_body")
)
OF_KINDS = ("request", "provision", "refusal", "conversion", "answer", "failure")


def check_agreement(views: list[View], report: Report) -> bool:
    """Hold the parties' entries against each other; tell whether two kept the same messages."""
    bound = False
    for at, one in enumerate(views):
        for other in views[at + 1 :]:
            if one.members[:3] == other.members[:3] and (
                one.members.digest != other.members.digest
            ):
                report.breaks("members-forked", version=one.members.version)
            if one.owner.id == other.owner.id:
                if one.size == other.size and one.root != other.root:
                    report.breaks("log-forked", owner=one.owner, size=one.size)
                continue
            bound = _check_pair(one, other, report) or bound
    return bound


def _check_pair(one: View, other: View, report: Report) -> bool:
    agreed: set[str] = set()
    differ = False
    for entry in one.entries:
        for beside in other.entries:
            for part, mine, theirs in _comparable(entry, beside):
                if mine == theirs:
                    agreed.add(part)
                    continue
                differ = True
                report.breaks(
                    "parties-differ",
                    one=one.owner,
                    other=other.owner,
                    index=entry.place,
                    beside=beside.place,
                    part=part,
                )
    for asker, holder in ((one, other), (other, one)):
        _check_named(asker, holder, report)
    if differ or not agreed:
        return False
    parts = ", ".join(sorted(agreed))
    report.prove("agree", one=one.owner, other=other.owner, parts=parts)
    return "question" in agreed


def _comparable(entry: Entry, beside: Entry) -> Iterator[tuple[str, Any, Any]]:
    """Yield what two parties' entries both say; whoever says nothing contradicts nobody."""
    core, theirs = entry.core, beside.core
    if core["kind"] not in OF_KINDS or theirs["kind"] not in OF_KINDS:
        return
    parts: tuple[str, ...] = OF_EXCHANGE
    if "refusal" not in (core["kind"], theirs["kind"]):
        parts += OF_DECISION  # who refuses may decide by another row
    for part in parts:
        if core[part] and theirs[part]:
            yield part, core[part], theirs[part]
    named: tuple[str, ...] = OF_ENVELOPE
    # Both must mean the messages between asker and holder, not those to the hub.
    if all(one.details.get("by", "") in ("", one.core["holder"]) for one in (entry, beside)):
        named += OF_MESSAGES
    for part in named:
        mine, other = entry.details.get(part), beside.details.get(part)
        if mine and other:
            yield part, mine, other


def _check_named(asker: View, holder: View, report: Report) -> None:
    """See that the holder's entry which the asker names is there."""
    hashes = {
        base64.urlsafe_b64encode(entry.core_hash).rstrip(b"=").decode() for entry in holder.entries
    }
    for entry in asker.entries:
        named = entry.details.get("holder_entry")
        if named and entry.core["holder"] == holder.owner.id != asker.owner.id:
            if named in hashes:
                report.prove("named-entry", one=asker.owner, other=holder.owner)
            else:
                facts = {"one": asker.owner, "other": holder.owner, "index": entry.place}
                report.breaks("named-entry-missing", **facts)


# The whole --------------------------------------------------------------------------------------


class Trust(NamedTuple):
    """Whom the reader believes, from elsewhere than the bundle.

    `authorities` are keys of members lists, `lists` such lists by their files' names, `keys` those
    of logs.
    """

    authorities: Sequence[str] = ()
    keys: Sequence[str] = ()
    lists: Sequence[tuple[str, bytes]] = ()


def verify(
    bundles: Iterable[tuple[str, bytes]],
    authorities: Sequence[str] = (),
    bodies: dict[str, bytes] | None = None,
    own: bytes = b"",
    sealed: Iterable[bytes] = (),
    policy: bytes = b"",
    keys: Sequence[str] = (),
    lists: Sequence[tuple[str, bytes]] = (),
) -> Report:
    """Verify bundles about one exchange, or lists of a person.

    `authorities`, `keys` and `lists` are whom the reader believes; `bodies` SHA-256 digests of the
    bodies shown, `sealed` those of sealed ones beside the bundles; `own` the bytes of the verifier
    that runs; `policy` says who must have cosigned the logs.
    """
    report, trust = Report(), Trust(authorities, keys, lists)
    report.policy = Policy.parse(policy) if policy else None
    views = []
    for file, data in bundles:
        if _unmarked(data)[:1] == b"{":
            view = _verify_bare(file, data, trust, report)
        else:
            view = _verify_one(file, data, trust, own, report)
        if view is not None:
            views.append(view)
    for view in views[1:]:
        if view.request != views[0].request:
            report.breaks("requests-differ", one=views[0].request, other=view.request)
            return report
    if views or not report.lists:
        _compare(views, bodies or {}, sealed, report)
    if report.lists and not all(one.at for one in report.listed):
        report.leave("nothing-complete")
    report.leave("times")
    if report.policy is None or report.unseen or not (views or report.lists):
        report.leave("same-log")
    return report


def _compare(
    views: list[View], bodies: dict[str, bytes], sealed: Iterable[bytes], report: Report
) -> None:
    """Verify what the parties' entries about one exchange say, and hold them together."""
    kept = [check_signatures(view, report) for view in views]
    check_receipts(views, report)
    bound = check_agreement(views, report)
    for which, body in bodies.items():
        check_body(views, which, body, report)
    check_sealed(views, sealed, report)
    if views and not any(kept):
        report.leave("no-signatures")
    if any(kept) and not bound:
        report.leave("not-bound")
    if len(bodies) < 2:
        report.leave("no-bodies")
    if len({view.owner.id for view in views}) == 1:
        report.leave("one-view", owner=views[0].owner)
    report.leave("not-complete")


def _verify_one(file: str, data: bytes, trust: Trust, own: bytes, report: Report) -> View | None:
    """Verify a bundle in its zip, which brings the list of the members that it is read by."""
    parts = open_archive(file, data)
    authorities = trust.authorities
    named = parts["authority.txt"].decode("ascii", "replace").strip()
    if authorities and named not in authorities:
        report.breaks("authority-differs", file=file)
    try:
        keys = {text: Verifier.parse(text) for text in authorities or [named]}
        key = keys.get(named) or next(iter(keys.values()))
    except ValueError as error:
        if authorities:
            raise Unreadable("key-malformed") from None
        raise Unreadable("part-malformed", file=file, part="authority.txt", defect=error) from None
    if not authorities:
        report.leave("authority-not-given", key=named)
    if own and parts["verify.py"] != own:
        report.leave("verifier-differs")
    members = open_members(file, parts, key, report)
    if members is not None and trust.keys and not authorities:
        members = members._replace(believed=tuple(one.text for one in _log_keys(trust.keys)))
    sealed = open_sealed(file, parts, report)
    return _verify_bundle(file, parts["bundle.json"], members, sealed, report)


def _verify_bundle(
    file: str, data: bytes, members: Members | None, sealed: list[str], report: Report
) -> View | None:
    """Verify what a bundle says; return the entries of one about a request."""
    years = _years(file, data)
    if years is not None:
        report.lists += years.request is None
        view = open_years(years, members, report, sealed)
    else:
        listed = _list(file, data)
        if listed is not None:
            report.lists += 1
            open_list(file, listed, members, report)
            return None
        view = open_view(file, data, members, report, sealed)
    if view is not None:
        report.request = report.request or view.request
    return view


# A bundle alone ---------------------------------------------------------------------------------


def _verify_bare(file: str, data: bytes, trust: Trust, report: Report) -> View | None:
    """Verify a bundle that comes without the zip, by keys the reader got elsewhere (RK-51.1)."""
    limit = FILES["bundle.json"]
    if len(data) > limit:
        raise Unreadable("file-too-large", file=file, part=file, limit=limit)
    try:
        wire = parse_json(_unmarked(data))
        if wire.get("format") not in BARE_FORMATS or not isinstance(wire.get("vkey"), str):
            raise ValueError("format")
        if canonical(wire) != data:
            raise Unreadable("not-as-given", file=file)
    except (ValueError, RecursionError) as error:
        raise Unreadable("not-a-bundle", file=file, part=f"JSON ({error})") from None
    members = _members_elsewhere(file, wire["vkey"], trust, report)
    return _verify_bundle(file, data, members, [], report)


def _unmarked(data: bytes) -> bytes:
    """Return a text without the mark some editors put before it."""
    return data[len(BOM) :] if data.startswith(BOM) else data


def _members_elsewhere(file: str, vkey: str, trust: Trust, report: Report) -> Members | None:
    """Return whom the reader believes; of a reader who believes nobody yet, the file's own key.

    None where a list was given that no authority has signed.
    """
    if trust.lists and not trust.authorities:
        raise Unreadable("authority-wanted")
    keys = _log_keys(trust.keys) + (report.policy.logs if report.policy else [])
    known: list[Member] = []
    for path, data in trust.lists:
        try:
            authorities = [Verifier.parse(text) for text in trust.authorities]
        except ValueError:
            raise Unreadable("key-malformed") from None
        for authority in authorities:
            signed = _signed_list(path, path, data, authority)
            if signed is not None:
                facts = {"version": signed.version, "at": signed.at}
                report.prove("members", authority=authority.name, **facts)
                known.extend(signed.all)
                break
        else:
            report.breaks("members-forged", file=path)
            return None
    if not keys and not known:
        try:
            keys = [Verifier.parse(vkey)]
        except ValueError as error:
            raise Unreadable("part-malformed", file=file, part="vkey", defect=error) from None
        report.leave("key-not-given", key=vkey)
    named = {member.log_key for member in known}
    known.extend(
        Member(key.name, "log", key.name, key.name, {}, key.text)
        for key in keys
        if key.text not in named
    )
    return Members(None, "", 0, "", b"", known, {})


def _log_keys(keys: Iterable[str]) -> list[Verifier]:
    try:
        return [Verifier.parse(text) for text in keys]
    except ValueError:
        raise Unreadable("log-key-malformed") from None


# The command line -------------------------------------------------------------------------------


def _read(path: str, limit: int) -> bytes:
    try:
        with open(path, "rb") as stream:  # noqa: PTH123  # a stream of any kind
            data = stream.read(limit + 1)
    except OSError as error:
        raise Unreadable("file-unreadable", file=path, reason=error.strerror or "") from None
    if len(data) > limit:
        raise Unreadable("file-too-large", file=path, part=os.path.basename(path), limit=limit)  # noqa: PTH119
    return data


def _named(path: str, limit: int) -> tuple[str, bytes]:
    return os.path.basename(path), _read(path, limit)  # noqa: PTH119  # of any Python


def _digest(path: str) -> bytes:
    hashed = hashlib.sha256()
    try:
        with open(path, "rb") as stream:  # noqa: PTH123  # a stream of any kind
            for piece in iter(lambda: stream.read(MEBI), b""):
                hashed.update(piece)
    except OSError as error:
        raise Unreadable("file-unreadable", file=path, reason=error.strerror or "") from None
    return hashed.digest()


STATUS = {"proven": 0, "broken": 1, "unreadable": 2, "reserved": 3}


def main(words: list[str] | None = None) -> int:
    """Run the command line and return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("bundle", nargs="+")
    parser.add_argument("--authority", action="append", default=[], metavar="KEY")
    parser.add_argument("--key", action="append", default=[], metavar="KEY")
    parser.add_argument("--members", action="append", default=[], metavar="FILE")
    parser.add_argument("--policy", default="", metavar="FILE")
    parser.add_argument("--question-body", default="", metavar="FILE")
    parser.add_argument("--answer-body", default="", metavar="FILE")
    parser.add_argument("--sealed", action="append", default=[], metavar="FILE")
    parser.add_argument("--lang", choices=("ja", "en"), default="")
    parser.add_argument("--json", action="store_true")
    said = parser.parse_args(words)
    spoken = os.environ.get("RENKEI_LANG") or os.environ.get("LANG") or "en"
    language = said.lang or ("ja" if spoken.startswith("ja") else "en")
    write = _json_lines if said.json else _lines
    try:
        files = {"question": said.question_body, "answer": said.answer_body}
        bodies = {which: _digest(path) for which, path in files.items() if path}
        bundles = [_named(path, LARGEST_ARCHIVE) for path in said.bundle]
        lists = [_named(path, LARGEST_LIST) for path in said.members]
        sealed = [_digest(path) for path in said.sealed]
        policy = _read(said.policy, MEBI) if said.policy else b""
        own = _read(__file__, MEBI)
        report = verify(
            bundles, said.authority, bodies, own, sealed, policy, keys=said.key, lists=lists
        )
        verdict = report.verdict
    except Unreadable as error:
        report, verdict = Report(), "unreadable"
        report.broken.append(error.said)
    data = ("\n".join(write(report, verdict, language)) + "\n").encode("utf-8", "replace")
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
    return STATUS[verdict]


def _lines(report: Report, verdict: str, language: str) -> Iterator[str]:
    if report.request:
        yield Said("title", {"request": report.request}).text(language)
    yield Said(f"verdict-{verdict}", {}).text(language)
    for one in _answers(report, verdict):
        for spoken in ("ja", "en"):
            yield one.text(spoken)
    for name in ("broken", "proven", "unproven"):
        found: list[Said] = getattr(report, name)
        if found:
            yield ""
            yield Said(f"heading-{name}", {}).text(language)
        for one in found:
            mark = {"proven": "✓", "broken": "✗"}.get(name, "◇")
            yield f"  {'◆' if one.code in RESERVING else mark} {one.text(language)}"


def _answers(report: Report, verdict: str) -> Iterator[Said]:
    """Yield in one sentence what a list is: complete as of when, or broken where (RK-51.3)."""
    if report.broken:
        if report.lists:
            yield Said("answer-broken", {"link": report.broken[0]})
        return
    for one in report.listed:
        code = "complete" if one.complete else "none"
        facts = {"when": one.at, "count": one.complete, "newer": one.newer, "origin": one.origin}
        yield Said(f"answer-{code if one.at else 'incomplete'}", facts)
    if report.listed and verdict == "reserved":
        yield Said("answer-if", {})


def _json_lines(report: Report, verdict: str, language: str) -> Iterator[str]:
    del language  # JSON has both
    told: dict[str, Any] = {"verdict": verdict, "request": report.request}
    if report.listed and not report.broken:
        told["lists"] = [
            {
                "log": one.origin,
                "complete_as_of": one.at or None,
                "entries": one.complete,
                "newer": one.newer,
            }
            for one in report.listed
        ]
    for name in ("proven", "unproven", "broken"):
        told[name] = [
            {"code": one.code, "text": one.text("en"), "text_ja": one.text("ja")}
            for one in getattr(report, name)
        ]
    yield json.dumps(told, ensure_ascii=False, indent=1)


if __name__ == "__main__":
    sys.exit(main())
