"""py-dactyl, used as its users use it, on the panel façade: `python py_dactyl.py URL KEY READ_ONLY_KEY`.

Expects the users that `tests/it/facades/clients.rs` makes. Prints one line of JSON for each step, and fails where what
comes out is not what went in. What it makes, it deletes.
"""

import asyncio
import json
import sys
import uuid

from pydactyl import AsyncPterodactylClient, PterodactylClient
from pydactyl.exceptions import PterodactylApiError
from requests.exceptions import HTTPError


def say(step, **facts):
    print(json.dumps({"step": step, **facts}, ensure_ascii=False), flush=True)


def shown(attributes):
    """The attributes, with a word for what is by chance; refused creations leave gaps between ids."""
    assert type(attributes["id"]) is int and attributes["id"] > 0, attributes
    assert str(uuid.UUID(attributes["uuid"])) == attributes["uuid"], attributes
    return {**attributes, "id": "a number", "uuid": "a UUID"}


def refusal(step, call):
    try:
        reply = call()
    except PterodactylApiError as error:
        say(step, error=str(error))
    except HTTPError as error:
        say(step, status=error.response.status_code)
    else:
        sys.exit(f"{step} was not refused: {reply}")


def lists(users, url):
    pages = [list(page.data) for page in users.list_users()]
    emails = [user["attributes"]["email"] for page in pages for user in page]
    say("pages", sizes=[len(page) for page in pages], distinct=len(set(emails)), first=emails[0], last=emails[-1])
    assert emails == [user["attributes"]["email"] for user in users.list_users().collect()]

    def relative(link):
        return link and link.removeprefix(url)

    third = users.list_users(params={"per_page": 30, "page": 3, "sort": "-id"})
    assert len(third) == third["meta"]["pagination"]["total"] == len(emails)
    links = [relative(third.get_previous_page_link()), relative(third.get_next_page_link())]
    say("third page", size=len(third.data), first=third[0]["attributes"]["email"], links=links)
    beyond = users.list_users(params={"page": 99})
    say("page beyond the last", size=len(beyond.data), total=len(beyond))


def filters(users):
    def emails(**given):
        return [user["attributes"]["email"] for user in users.list_users(**given).collect()]

    say("filter email", emails=emails(email="USER-15"))
    say("filter username", emails=emails(username="user-007,user-008"))
    say("filter both", emails=emails(email="user-0", external_id="ext-09"))
    say("filter nothing", emails=emails(username="nobody"))
    first = users.list_users().data[0]["attributes"]
    assert emails(uuid=first["uuid"]) == [first["email"]]
    refusal("filter unknown", lambda: users.list_users(params={"filter[password]": "x"}))


def finds(users):
    fourth = users.list_users().data[3]
    assert users.get_user_info(user_id=fourth["attributes"]["id"]) == fourth
    say("get", user=shown(fourth["attributes"]))
    say("get by external id", user=shown(users.get_user_info(external_id="ext-120", detail=False)))
    included = users.get_user_info(external_id="ext-120", detail=False, includes=["servers"])
    say("include servers", relationships=included["relationships"])
    refusal("get unknown", lambda: users.get_user_info(user_id=999_999))
    refusal("get unknown external id", lambda: users.get_user_info(external_id="ext-12"))


def changes(users, url):
    names = {"username": "py-dactyl.one", "email": "py-dactyl.one@example.com", "first_name": "Pia", "last_name": "Dahl"}
    made = users.create_user(**names, external_id="py/dactyl 1")
    user = made["attributes"]
    assert made["meta"]["resource"] == f"{url}/api/application/users/{user['id']}", made
    assert names.items() <= user.items(), made
    say("create", user=shown(user))
    assert users.get_user_info(user_id=user["id"], detail=False) == user

    names["last_name"] = "Døhl"
    edited = users.edit_user(user["id"], **names, root_admin=True, language="de", password="correct horse battery")
    say("edit", user=shown(edited["attributes"]))
    assert users.get_user_info(user_id=user["id"]) == edited

    second = {"username": "py-dactyl.two", "email": "py-dactyl.two@example.com", "first_name": "P", "last_name": "D"}
    refusal("duplicate e-mail", lambda: users.create_user(**{**second, "email": names["email"]}))
    refusal("duplicate username", lambda: users.create_user(**{**second, "username": names["username"]}))
    refusal("bad fields", lambda: users.create_user("-", "at", "", None, root_admin="yes"))
    refusal("edit without a name", lambda: users.edit_user(user["id"], **{**names, "first_name": None}))
    refusal("edit unknown", lambda: users.edit_user(999_999, **second))

    kept = users.create_user(**second, external_id="py-dactyl-2", password="correct horse battery")["attributes"]
    say("create with password", user=shown(kept))
    assert users.delete_user(external_id="py-dactyl-2").status_code == 204
    response = users.delete_user(user_id=user["id"])
    say("delete", status=response.status_code, body=response.text)
    refusal("delete the owner of a server", lambda: users.delete_user(external_id="ext-120"))
    refusal("get deleted", lambda: users.get_user_info(user_id=user["id"]))
    refusal("delete deleted", lambda: users.delete_user(user_id=user["id"]))


def keys(url, read_key):
    reader = PterodactylClient(url, read_key).user
    known = reader.list_users().data[1]["attributes"]["id"]
    names = ("py-dactyl.three", "py-dactyl.three@example.com", "Pia", "Dahl")
    refusal("create with read-only key", lambda: reader.create_user(*names))
    refusal("edit with read-only key", lambda: reader.edit_user(known, "", "", "", ""))
    refusal("edit unknown with read-only key", lambda: reader.edit_user(999_999, *names))
    refusal("delete with read-only key", lambda: reader.delete_user(user_id=known))
    refusal("list with unknown key", lambda: PterodactylClient(url, "unknown").user.list_users())


async def asynchronously(url, key):
    async with AsyncPterodactylClient(url, key) as client:
        pages = [len(page.data) async for page in await client.user.list_users()]
        user = await client.user.create_user("py-dactyl.async", "py-dactyl.async@example.com", "Pia", "Async")
        response = await client.user.delete_user(user_id=user["attributes"]["id"])
        say("asynchronously", sizes=pages, user=shown(user["attributes"]), deleted=response.status)


def main():
    url, key, read_key = sys.argv[1:]
    users = PterodactylClient(url, key).user
    lists(users, url)
    filters(users)
    finds(users)
    changes(users, url)
    keys(url, read_key)
    asyncio.run(asynchronously(url, key))


main()
