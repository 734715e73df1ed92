"""A value of an item in the reader's words: its label, code values with their meaning."""

from renkei import kit, standard


def label_and_value(
    known: standard.Catalogue, item: standard.Item, value: str | int | None, lang: kit.Language
) -> tuple[str, str]:
    """Return what an item is called and what its value says."""
    label = item.ja if lang == "ja" else item.en
    if value is None:
        return label, "–"
    if isinstance(value, int) and item.type is standard.ItemType.number:
        return label, f"{value:,}"
    if item.code_list is None:
        return label, str(value)
    meaning = known.code_list(item.code_list).label(str(value), lang)
    return label, f"{meaning} ({value})" if meaning else str(value)
