"""Independent clients work against the sandbox unchanged: Datadog's own, and the older `datadog` package."""

import importlib
from collections.abc import Iterator
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

import pytest
from datadog_api_client import ApiClient, Configuration
from datadog_api_client.exceptions import ApiException, ForbiddenException, NotFoundException
from datadog_api_client.v1.api.authentication_api import AuthenticationApi
from datadog_api_client.v1.api.monitors_api import MonitorsApi
from datadog_api_client.v1.model.monitor import Monitor
from datadog_api_client.v1.model.monitor_options import MonitorOptions
from datadog_api_client.v1.model.monitor_thresholds import MonitorThresholds
from datadog_api_client.v1.model.monitor_type import MonitorType
from datadog_api_client.v1.model.monitor_update_request import MonitorUpdateRequest
from datadog_api_client.v2.api.downtimes_api import DowntimesApi
from datadog_api_client.v2.model.downtime_create_request import DowntimeCreateRequest
from datadog_api_client.v2.model.downtime_create_request_attributes import DowntimeCreateRequestAttributes
from datadog_api_client.v2.model.downtime_create_request_data import DowntimeCreateRequestData
from datadog_api_client.v2.model.downtime_monitor_identifier_tags import DowntimeMonitorIdentifierTags
from datadog_api_client.v2.model.downtime_resource_type import DowntimeResourceType
from datadog_api_client.v2.model.downtime_schedule_one_time_create_update_request import (
    DowntimeScheduleOneTimeCreateUpdateRequest,
)
from datadog_api_client.v2.model.downtime_update_request import DowntimeUpdateRequest
from datadog_api_client.v2.model.downtime_update_request_attributes import DowntimeUpdateRequestAttributes
from datadog_api_client.v2.model.downtime_update_request_data import DowntimeUpdateRequestData

from ddguard.sandbox.server import Sandbox
from tests.sandbox.conversation import BURST, QUERY

DOWNTIME = DowntimeResourceType("downtime")


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(clock=lambda: datetime(2026, 1, 5, 3, tzinfo=UTC)) as running:
        yield running


def official(sandbox: Sandbox, api_key: str = "any") -> ApiClient:
    """Datadog's own client, pointed at the sandbox."""
    configuration = Configuration(host=sandbox.url, api_key={"apiKeyAuth": api_key, "appKeyAuth": "thing"})
    return ApiClient(configuration)


@pytest.fixture
def client(sandbox: Sandbox) -> Iterator[ApiClient]:
    with official(sandbox) as opened:
        yield opened


def burst(name: str = "burst") -> Monitor:
    return Monitor(
        type=MonitorType("query alert"),
        name=name,
        query=QUERY,
        message="look",
        tags=["team:risk"],
        options=MonitorOptions(thresholds=MonitorThresholds(critical=100.0)),
    )


class TestOfficialClient:
    def test_monitors(self, client: ApiClient) -> None:
        api = MonitorsApi(client)
        made = api.create_monitor(burst())
        assert (made.id, made.multi, made.options.thresholds.critical) == (1_000_001, True, 100.0)
        assert api.get_monitor(made.id, group_states="all").name == "burst"
        changed = api.update_monitor(made.id, MonitorUpdateRequest(priority=2))
        assert (changed.priority, changed.name) == (2, "burst")
        assert api.check_can_delete_monitor([made.id]).data.ok == [made.id]
        assert api.validate_monitor(burst()) == {}
        assert api.validate_existing_monitor(made.id, burst()) == {}
        assert api.delete_monitor(made.id).deleted_monitor_id == made.id
        with pytest.raises(NotFoundException) as missing:
            api.get_monitor(made.id)
        assert missing.value.body == {"errors": ["Monitor not found"]}

    def test_lists_and_searches(self, client: ApiClient, sandbox: Sandbox) -> None:
        api = MonitorsApi(client)
        for number in range(5):
            api.create_monitor(burst(f"burst {number}"))
        listed = list(api.list_monitors_with_pagination(page_size=2, monitor_tags="team:risk"))
        assert [monitor.name for monitor in listed] == [f"burst {number}" for number in range(5)]
        assert len(sandbox.requests) == 5 + 3
        assert [monitor.name for monitor in api.search_monitors(query="3").monitors] == ["burst 3"]
        assert api.search_monitor_groups().groups == []

    def test_refusals(self, client: ApiClient, sandbox: Sandbox) -> None:
        api = MonitorsApi(client)
        api.create_monitor(burst())
        with pytest.raises(ApiException) as duplicate:
            api.create_monitor(burst())
        assert (duplicate.value.status, duplicate.value.body) == (
            400,
            {"errors": ["Duplicate of an existing monitor_id:1000001 org_id:1"]},
        )
        with official(sandbox, "invalid") as stranger, pytest.raises(ForbiddenException):
            MonitorsApi(stranger).list_monitors()
        assert AuthenticationApi(client).validate().valid is True

    def test_downtimes(self, client: ApiClient) -> None:
        MonitorsApi(client).create_monitor(burst())
        api = DowntimesApi(client)
        made = api.create_downtime(new_downtime("tenant:acme"))
        uuid = made.data.id
        assert (made.data.attributes.scope, str(made.data.attributes.status)) == ("tenant:acme", "active")
        attributes = DowntimeUpdateRequestAttributes(message="load test")
        update = DowntimeUpdateRequestData(attributes=attributes, id=uuid, type=DOWNTIME)
        assert api.update_downtime(uuid, DowntimeUpdateRequest(data=update)).data.attributes.message == "load test"
        assert api.get_downtime(uuid).data.attributes.message == "load test"
        assert api.list_monitor_downtimes(1_000_001).data == []
        api.cancel_downtime(uuid)
        listed = list(api.list_downtimes_with_pagination(page_limit=1))
        assert [str(downtime.attributes.status) for downtime in listed] == ["canceled"]


def new_downtime(scope: str) -> DowntimeCreateRequest:
    attributes = DowntimeCreateRequestAttributes(
        scope=scope,
        monitor_identifier=DowntimeMonitorIdentifierTags(monitor_tags=["team:risk"]),
        schedule=DowntimeScheduleOneTimeCreateUpdateRequest(end=datetime(2026, 1, 5, 5, tzinfo=UTC)),
    )
    return DowntimeCreateRequest(data=DowntimeCreateRequestData(attributes=attributes, type=DOWNTIME))


class TestDatadogPackage:
    @pytest.fixture
    def datadog(self, sandbox: Sandbox) -> Any:
        """The package `datadog`, pointed at the sandbox; the one client here that knows nothing of the other."""
        pytest.importorskip("datadog.api", reason="the package datadog is not installed")
        package: ModuleType = importlib.import_module("datadog")
        package.initialize(api_key="any", app_key="thing", api_host=sandbox.url, mute=False, statsd_disable=True)
        return package

    def test_monitors(self, datadog: Any) -> None:
        api = datadog.api.Monitor
        made = api.create(**BURST)
        assert (made["id"], made["options"]["thresholds"]) == (1_000_001, {"critical": 100.0})
        assert api.get(made["id"], group_states="all")["state"] == {"groups": {}}
        assert api.update(made["id"], message="other")["message"] == "other"
        assert [monitor["name"] for monitor in api.get_all(monitor_tags=["team:risk"])] == ["burst"]
        assert api.validate(**BURST) == {}
        assert api.search(query="burst")["metadata"]["total_count"] == 1
        assert api.search_groups()["groups"] == []
        assert api.delete(made["id"]) == {"deleted_monitor_id": made["id"]}

    def test_refusals(self, datadog: Any) -> None:
        with pytest.raises(datadog.api.exceptions.ApiError) as refusal:
            datadog.api.Monitor.create(type="log alert", query="query")
        told = "The value provided for parameter 'query' is invalid: invalid operator specified: "
        assert refusal.value.args == ({"errors": [told]},)
