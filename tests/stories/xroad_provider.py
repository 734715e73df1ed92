"""A provider written with fastapi-xroad-soap, which knows nothing of us: it runs by itself.

    python xroad_provider.py PORT

It needs an older lxml than ours, so it has an environment of its own (`tests.stories.outside`).
"""

import hashlib
import sys

import uvicorn
from fastapi_xroad_soap import MessageBody, SoapService, XroadHeader
from fastapi_xroad_soap.elements import Integer, String, SwaRef


class Count(MessageBody, tag="shelterCount"):  # type: ignore[misc,call-arg]  # not installed beside us
    district = String(tag="district")


class CountResponse(MessageBody, tag="shelterCountResponse"):  # type: ignore[misc,call-arg]  # as above
    district = String(tag="district")
    asker = String(tag="asker")
    beds = Integer(tag="beds")


class Plan(MessageBody, tag="shelterPlan"):  # type: ignore[misc,call-arg]  # as above
    plan = SwaRef.Element(tag="plan")


class PlanResponse(MessageBody, tag="shelterPlanResponse"):  # type: ignore[misc,call-arg]  # as above
    size = Integer(tag="size")
    sha256 = String(tag="sha256")
    returned = SwaRef.Element(tag="returned")


app = SoapService(name="Shelters", path="/service", this_namespace="https://shelters.example.org")


@app.action("shelterCount")  # type: ignore[untyped-decorator]  # as above
def count(header: XroadHeader, body: Count) -> CountResponse:
    """Say how many beds a district has: ten for each sign of its name."""
    if body.district == "nowhere":
        raise ValueError("no such district")
    asker = f"{header.client.member_code}/{header.client.subsystem_code}"
    return CountResponse(district=body.district, asker=asker, beds=10 * len(body.district))


@app.action("shelterPlan")  # type: ignore[untyped-decorator]  # as above
def plan(header: XroadHeader, body: Plan) -> PlanResponse:
    """Take a plan, say what came of it, and give it back."""
    content = body.plan.content
    returned = SwaRef.File(name=body.plan.name, content=content)
    digest = hashlib.sha256(content).hexdigest()
    return PlanResponse(size=len(content), sha256=digest, returned=returned)


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
