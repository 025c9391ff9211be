"""The simulator as RouterOS-api sees it: it tags every command and matches replies by tag."""

import routeros_api
from routeros_api.exceptions import RouterOsApiCommunicationError

from _simulated import check, router


def api(flavour="plain", user="admin", password="admin", plain=True, tls=False):
    host, port = router(flavour)
    pool = routeros_api.RouterOsApiPool(
        host, username=user, password=password, port=port, plaintext_login=plain,
        use_ssl=tls, ssl_verify=False, ssl_verify_hostname=False,
    )
    return pool.get_api()


def refusal(action):
    """What the router says to `action`, which must fail."""
    try:
        action()
    except RouterOsApiCommunicationError as error:
        return str(error)
    raise AssertionError("not refused")


def both_logins_lead_to_the_same_router():
    for session in [api(), api("challenge", plain=False), api("tls", tls=True)]:
        (row,) = session.get_resource("/system/identity").get()
        assert row["name"].startswith("sim-"), row


def a_wrong_password_is_refused():
    assert "invalid user name or password" in refusal(lambda: api(password="wrong"))


def rows_are_chosen_by_their_columns():
    (row,) = api().get_resource("/interface").get(name="bridge")
    assert row["type"] == "bridge" and int(row["rx-byte"]) > 0, row


def several_commands_may_be_under_way():
    resource = api().get_resource("/system/resource")
    answers = [resource.call_async("print") for _ in range(3)]
    assert all(answer.get()[0]["board-name"] for answer in answers)


def what_is_added_has_an_id():
    blocked = api().get_resource("/ip/firewall/address-list")
    added = blocked.add(list="python2", address="198.51.100.1").done_message["ret"]
    (row,) = blocked.get(id=added)
    assert row["address"] == "198.51.100.1", row
    blocked.remove(id=added)
    assert not blocked.get(id=added)


def refusals_are_told_in_the_routers_words():
    session = api(user="monitor", password="look-only")
    assert "not enough permissions" in refusal(lambda: session.get_resource("/system/identity").set(name="x"))
    assert "no such command" in refusal(lambda: session.get_resource("/no/such").get())


check("RouterOS-api", [
    both_logins_lead_to_the_same_router, a_wrong_password_is_refused, rows_are_chosen_by_their_columns,
    several_commands_may_be_under_way, what_is_added_has_an_id, refusals_are_told_in_the_routers_words,
])
