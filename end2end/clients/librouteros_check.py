"""The simulator as librouteros sees it: words and sentences, both logins, tags by hand."""

import ssl

from librouteros import connect
from librouteros.exceptions import TrapError
from librouteros.login import plain, token
from librouteros.query import Key

from _simulated import check, router

ADDRESS_LIST = ("ip", "firewall", "address-list")


def api(flavour="plain", user="admin", password="admin", **options):
    host, port = router(flavour)
    return connect(host=host, port=port, username=user, password=password, encoding="utf-8", **options)


def trap(action):
    """The trap that `action` must end in."""
    try:
        action()
    except TrapError as error:
        return error
    raise AssertionError("no trap")


def a_plain_login_gives_the_resources():
    (row,) = api(login_method=plain).path("system", "resource")
    assert row["version"].startswith("7."), row
    assert row["uptime"] and int(row["total-memory"]) > 0, row


def a_challenge_is_met_with_its_response():
    (row,) = api("challenge", login_method=token).path("system", "identity")
    assert row["name"].startswith("sim-"), row


def a_modern_router_still_challenges_a_bare_login_and_refuses_the_response():
    error = trap(lambda: api(login_method=token))
    assert "invalid user name or password (6)" in str(error), error


def a_wrong_password_is_refused():
    assert "invalid user name or password (6)" in str(trap(lambda: api(password="wrong")))


def api_ssl_says_the_same():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    (row,) = api("tls", ssl_wrapper=context.wrap_socket).path("system", "identity")
    assert row["name"].startswith("sim-"), row


def chosen_columns_and_queries_are_honoured():
    name, kind, running = Key("name"), Key("type"), Key("running")
    rows = list(api().path("interface").select(name, kind).where(kind == "ether", running == True))  # noqa: E712
    assert [row["name"] for row in rows] == ["ether1", "ether2", "ether3"], rows
    assert all(set(row) == {"name", "type"} for row in rows), rows


def text_beyond_ascii_survives():
    rows = {row["name"]: row for row in api().path("interface")}
    assert rows["ether3"]["comment"] == "Außenstelle Süd, café", rows["ether3"]


def adding_gives_an_id_that_removes():
    blocked = api().path(*ADDRESS_LIST)
    added = blocked.add(list="python", address="192.0.2.7", comment="x=y")
    assert added.startswith("*"), added
    (row,) = [row for row in blocked if row[".id"] == added]
    assert (row["address"], row["comment"]) == ("192.0.2.7", "x=y"), row
    duplicate = trap(lambda: blocked.add(list="python", address="192.0.2.7"))
    assert "already have such entry" in str(duplicate), duplicate
    blocked.remove(added)
    assert not [row for row in blocked if row[".id"] == added]


def what_may_not_be_done_or_is_not_there_is_a_trap_and_the_session_goes_on():
    session = api(user="monitor", password="look-only")
    assert "not enough permissions (9)" in str(trap(lambda: tuple(session("/system/identity/set", name="x"))))
    assert "no such command" in str(trap(lambda: tuple(session("/no/such/print"))))
    assert len(tuple(session.path("interface"))) > 4


def an_empty_menu_is_no_rows():
    assert tuple(api().rawCmd("/interface/print", "?name=none")) == ()


def traffic_is_measured_once():
    (row,) = api()("/interface/monitor-traffic", interface="ether1", once="")
    assert int(row["rx-bits-per-second"]) > 0, row


def a_listening_command_hears_changes_until_it_is_cancelled():
    session, other = api(), api().path(*ADDRESS_LIST)

    def hear():
        word, words = session.protocol.readSentence()
        return [word, *words]

    session.protocol.writeSentence("/ip/firewall/address-list/listen", ".tag=5")
    # An answer to a later command proves that the listening has begun.
    session.protocol.writeSentence("/system/identity/print", ".tag=6")
    assert [hear()[:2] for _ in range(2)] == [["!re", ".tag=6"], ["!done", ".tag=6"]]
    added = other.add(list="python", address="192.0.2.8")
    said = hear()
    assert said[:2] == ["!re", ".tag=5"] and "=address=192.0.2.8" in said, said
    other.remove(added)
    assert hear() == ["!re", ".tag=5", f"=.id={added}", "=.dead=yes"]
    session.protocol.writeSentence("/cancel", "=tag=5", ".tag=7")
    said = [hear() for _ in range(3)]
    assert ["!trap", ".tag=5", "=category=2", "=message=interrupted"] in said, said
    assert ["!done", ".tag=5"] in said and ["!done", ".tag=7"] in said, said


def a_log_tells_what_was_written_since_a_line():
    session = api()
    for number in range(3):
        tuple(session("/log/info", message=f"python {number}"))
    rows = [row for row in session.rawCmd("/log/print", "=.proplist=.id,time,topics,message")]
    mine = [row for row in rows if row["message"].startswith("python ")]
    assert [row["message"] for row in mine[-3:]] == ["python 0", "python 1", "python 2"], mine
    assert mine[-1]["topics"] == "script,info" and " " in mine[-1]["time"], mine[-1]
    since = tuple(session.rawCmd("/log/print", "=.proplist=.id,message", f"?>.id={mine[-2]['.id']}"))
    assert [row["message"] for row in since][:1] == ["python 2"], since
    assert "not enough permissions" in str(trap(lambda: tuple(api(user="monitor", password="look-only")("/log/info", message="x"))))


check("librouteros", [
    a_plain_login_gives_the_resources,
    a_challenge_is_met_with_its_response,
    a_modern_router_still_challenges_a_bare_login_and_refuses_the_response,
    a_wrong_password_is_refused,
    api_ssl_says_the_same,
    chosen_columns_and_queries_are_honoured,
    text_beyond_ascii_survives,
    adding_gives_an_id_that_removes,
    what_may_not_be_done_or_is_not_there_is_a_trap_and_the_session_goes_on,
    an_empty_menu_is_no_rows,
    traffic_is_measured_once,
    a_listening_command_hears_changes_until_it_is_cancelled,
    a_log_tells_what_was_written_since_a_line,
])
