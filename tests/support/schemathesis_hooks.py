"""What schemathesis cannot know from the document: see schemathesis.toml."""

import re
import uuid

import schemathesis

KEY = "Idempotency-Key"
KEY_FORM = re.compile(r"[!-~]([ -~]{0,253}[!-~])?")

# Why a request that keeps to its schema may still be refused: field and code of the fault. The rest of the faults
# must be in the schemas.
NOT_IN_SCHEMAS = {
    # A mark or a joiner where there is no use for it, or a character that not all dialects of expressions can name.
    *((name, "unseen") for name in ("first", "last", "name", "account.name", "externalId", "ref")),
    # Too easy to guess.
    ("password", "common"),
    ("newPassword", "common"),
    # Not the one that was set, or not sent where one was.
    ("currentPassword", "wrong"),
    ("currentPassword", "required"),
    # Not the one that the app shows, or that was sent.
    ("code", "wrong"),
    ("emailCode", "wrong"),
    # Nobody signs in with one there.
    ("provider", "in"),
    # Not the own one.
    ("email", "mismatch"),
    # The service here is called by plain http.
    ("cookie", "unavailable"),
    # Of a known form, but with numbers in it that are too small or too large.
    ("passwordHash", "format"),
    ("passwordHash", "range"),
    # Of base64, and no picture.
    ("logo", "format"),
    ("logo", "picture"),
    # Not in the future, or too far in it.
    ("inviteExpires", "range"),
    ("expires", "range"),
    # Not later than `from`.
    ("to", "range"),
    # Another service than those that the settings name.
    ("audience", "in"),
    # The tokens here are made in no session that could be ended.
    ("session", "required"),
    # Out of reach from the state that the record is in.
    ("state", "transition"),
    # Farther than the engine goes.
    ("?offset", "range"),
}


@schemathesis.hook
def before_call(context, case, kwargs):
    """Makes each key a fresh one, as the document asks for, and signs nobody out who goes on calling."""
    if isinstance(case.body, dict) and case.body.get("endSessions") is True:
        case.body["endSessions"] = False
    key = (case.headers or {}).get(KEY)
    if isinstance(key, str) and KEY_FORM.fullmatch(key):
        case.headers[KEY] = f"{uuid.uuid4()}{key}"[: max(36, len(key))]


@schemathesis.check
def schemas_say_what_is_refused(ctx, response, case):
    """Valid requests meet no other 400 and 422 than those of faults that no schema can tell."""
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    if response.status_code not in (400, 422):
        return
    problem = response.json()
    if problem["code"] in ("invalid_cursor", "invalid_state"):
        # A cursor, a state and a ticket are ones that the service has made.
        return
    faults = {(fault["field"], fault["code"]) for fault in problem.get("errors", [])}
    assert faults and faults <= NOT_IN_SCHEMAS, f"{problem['code']}: {faults}"
