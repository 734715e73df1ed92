"""What the scenarios must show: every kind of element in every position that BPMN 2.0.2 allows."""

_CAUGHT = ("message", "signal", "condition", "multiple", "parallel-multiple")
_THROWN = ("message", "signal", "escalation", "compensation", "multiple")

EVENTS = [
    *(f"start {one}" for one in ("none", *_CAUGHT)),
    *(
        f"event-sub start {one} interrupting"
        for one in (*_CAUGHT, "error", "escalation", "compensation")
    ),
    *(f"event-sub start {one} beside" for one in (*_CAUGHT, "escalation")),
    *(f"catch {one}" for one in (*_CAUGHT, "link", "none")),
    *(f"throw {one}" for one in ("none", *_THROWN, "link")),
    *(
        f"boundary {one} interrupting"
        for one in (*_CAUGHT, "error", "escalation", "compensation", "cancel")
    ),
    *(f"boundary {one} beside" for one in (*_CAUGHT, "escalation")),
    *(f"end {one}" for one in ("none", *_THROWN, "error", "terminate", "cancel")),
]
"""BPMN 2.0.2, table 10.93: which trigger stands where; times are in a table of their own."""

TIMERS = [
    f"{position} timer {form}{way}"
    for position, ways in {
        "start": ("",),
        "catch": ("",),
        "boundary": (" interrupting", " beside"),
        "event-sub start": (" interrupting", " beside"),
    }.items()
    for form in ("date", "duration", "cycle")
    for way in ways
]
"""Each of the three forms of time in each position."""

TASKS = [
    f"task {one}"
    for one in ("none", "manual", "user", "service", "script", "rule", "send", "receive")
]

GATEWAYS = [
    f"{kind} {way}"
    for kind, ways in {
        "xor": ("split", "join", "mixed"),
        "and": ("split", "join", "mixed"),
        "or": ("split", "join", "mixed"),
        "complex": ("split", "join"),
        "first": ("exclusive",),
    }.items()
    for way in ways
]

OTHERS = [
    "flow default",
    "flow conditional",
    "flow implicit fork",
    "flow implicit merge",
    "flow implicit end",
    "start implicit",
    "start event gateway",
    "start receive task",
    "task mappings",
    "sub-process",
    "sub-process nested",
    "event sub-process nested",
    "call activity",
    "call mappings",
    "loop before",
    "loop after",
    "loop most",
    "loop many",
    *(
        f"several {one}"
        for one in (
            "parallel",
            "sequential",
            "counted",
            "listed",
            "collected",
            "enough",
            "boundary",
            "nested",
        )
    ),
    *(
        f"compensation {one}"
        for one in (
            "order",
            "of one",
            "beside",
            "nothing",
            "of sub-process",
            "after several",
            "in event-sub",
            "variables",
            "by sub-process",
        )
    ),
    "transaction",
    *(f"adhoc {one}" for one in ("parallel", "sequential", "condition", "finishing", "flows")),
    "incident",
    "resume",
    "skip",
    "move",
    "change",
    "cancel",
    "virtual clock",
]

CELLS = [*EVENTS, *TIMERS, *TASKS, *GATEWAYS, *OTHERS]
