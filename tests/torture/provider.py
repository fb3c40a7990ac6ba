"""A provider for signing in: exactly the part of OpenID Connect that the service uses."""

import base64
import hashlib
import secrets
import time
from urllib.parse import parse_qs, urlsplit

from aiohttp import BasicAuth, web
from joserfc import jwt
from joserfc.jwk import ECKey

from service import free_port

NAME = "acme"
CLIENT = BasicAuth("guestlist", "torture")
TOKEN_SECONDS = 300


class Provider:
    """Runs in this process, so that killing the service loses no codes; it uses the service's clock."""

    def __init__(self, service):
        self.service = service
        self.port = free_port()
        self.key = ECKey.generate_key("P-256", {"kid": "one", "use": "sig", "alg": "ES256"})
        self.grants = {}
        self.runner = None
        service.flags.append(
            f"--provider=name={NAME},issuer={self.issuer},client_id={CLIENT.login},client_secret={CLIENT.password},"
            "trust_email=true"
        )

    @property
    def issuer(self):
        """The issuer in its tokens."""
        return f"http://127.0.0.1:{self.port}"

    async def __aenter__(self):
        app = web.Application()
        app.add_routes([
            web.get("/.well-known/openid-configuration", self._metadata), web.get("/keys", self._keys),
            web.post("/token", self._token),
        ])
        self.runner = web.AppRunner(app, access_log=None)
        await self.runner.setup()
        await web.TCPSite(self.runner, "127.0.0.1", self.port).start()
        return self

    async def __aexit__(self, *_):
        await self.runner.cleanup()

    def now(self):
        """The time by the service's clock."""
        return int(time.time()) + self.service.ahead

    def consent(self, url, subject, address):
        """A person is sent there and agrees; returns what the browser comes back with."""
        sent = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        code = secrets.token_urlsafe()
        claims = {"sub": subject, "email": address, "email_verified": True, "auth_time": self.now()}
        self.grants[code] = (sent, claims)
        return {"provider": NAME, "code": code, "state": sent["state"]}

    async def _metadata(self, _):
        return web.json_response({
            "issuer": self.issuer, "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token", "jwks_uri": f"{self.issuer}/keys",
        })

    async def _keys(self, _):
        return web.json_response({"keys": [self.key.as_dict(private=False)]})

    async def _token(self, request):
        form = await request.post()
        if request.headers.get("Authorization") != CLIENT.encode():
            return web.json_response({"error": "invalid_client"}, status=401)
        sent, claims = self.grants.pop(form["code"], ({}, None))
        proof = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(proof).decode().rstrip("=")
        if claims is None or (challenge, form["redirect_uri"]) != (sent["code_challenge"], sent["redirect_uri"]):
            return web.json_response({"error": "invalid_grant"}, status=400)
        now = self.now()
        whole = {"iss": self.issuer, "aud": CLIENT.login, "iat": now, "exp": now + TOKEN_SECONDS, "nonce": sent["nonce"], **claims}
        token = jwt.encode({"alg": "ES256", "kid": "one"}, whole, self.key)
        return web.json_response({"access_token": "unused", "token_type": "Bearer", "id_token": token})
