"""Where each definition stands inside the tree of a language."""

from urllib.parse import quote

from renkei.standard.linkage import Interface, Procedure, Provision
from renkei.standard.row_rules import Rule

HOME = "index.html"
PROVISIONS = "provisions.html"
RULES = "rules.html"
GLOSSARY = "glossary.html"


def unit(number: str) -> str:
    return f"units/{number}.html"


def party(number: str) -> str:
    return f"parties/{number}.html"


def entity(name: str) -> str:
    return f"entities/{name}.html"


def item(holder: str, name: str) -> str:
    return f"{entity(holder)}#{name}"


def code_list(name: str) -> str:
    return f"code-lists/{name}.html"


def code_value(name: str, value: str) -> str:
    return f"{code_list(name)}#v-{value}"


def interface(one: Interface) -> str:
    return f"interfaces/{one.unit}-{one.service}.html"


def cell(provider: str, consumer: str) -> str:
    return f"matrix/{provider}-{consumer}.html"


def procedure(one: Procedure) -> str:
    return f"procedures/{one.code}.html"


def provisions_of(number: str) -> str:
    return f"provisions/{number}.html"


def provision_anchor(one: Provision) -> str:
    """Return the id a row has on its page; a row's name may hold blanks, an id must not."""
    return "row-" + "_".join(one.row.split())


def provision(one: Provision) -> str:
    return f"{provisions_of(one.asker_unit)}#{quote(provision_anchor(one))}"


def rule(one: Rule) -> str:
    return f"{RULES}#{one.id}"


def flow(number: int) -> str:
    return f"{HOME}#flow-{number}"


def life_event(value: str) -> str:
    return f"{HOME}#event-{value}"


def fault(name: str) -> str:
    return f"{GLOSSARY}#fault-{name}"


def term(word: str) -> str:
    """Return where the glossary explains a word of the model, e.g. `timing-event`."""
    return f"{GLOSSARY}#{word}"
