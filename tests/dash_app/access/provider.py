"""An OpenID Connect provider, small but real: discovery, authorization, tokens signed with RS256, end of session."""

from __future__ import annotations

import threading
import time
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response, jsonify, redirect, request
from joserfc import jwt
from joserfc.jwk import RSAKey
from werkzeug.serving import make_server

client_id, client_secret = "workbench", "a secret of the test"


@dataclass
class Provider:
    """A running provider; tests change what it says.

    Attributes:
        claims: of whoever signs in.
        changed: what the token says otherwise than it should.
        asked: the last authorization request.
    """

    claims: dict[str, Any] = field(default_factory=lambda: {"sub": "u-1", "name": "Awa Diop", "groups": ["credit"]})
    changed: dict[str, Any] = field(default_factory=dict)
    asked: dict[str, str] = field(default_factory=dict)
    signs: bool = True

    def __post_init__(self) -> None:
        self._key = RSAKey.generate_key(2048, {"kid": "k1"})
        self._other = RSAKey.generate_key(2048, {"kid": "k1"})
        app = Flask("provider")
        app.add_url_rule("/.well-known/openid-configuration", view_func=self._metadata)
        app.add_url_rule("/keys", view_func=lambda: jsonify(keys=[self._key.as_dict(private=False)]), endpoint="keys")
        app.add_url_rule("/authorize", view_func=self._authorize)
        app.add_url_rule("/token", view_func=self._token, methods=["POST"])
        self._server = make_server("127.0.0.1", 0, app, threaded=True)
        self.issuer = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ends it: from now on nothing answers."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _metadata(self) -> Response:
        return jsonify(
            issuer=self.issuer,
            authorization_endpoint=f"{self.issuer}/authorize",
            token_endpoint=f"{self.issuer}/token",
            jwks_uri=f"{self.issuer}/keys",
            end_session_endpoint=f"{self.issuer}/end",
            response_types_supported=["code"],
            id_token_signing_alg_values_supported=["RS256"],
            token_endpoint_auth_methods_supported=["client_secret_basic"],
        )

    def _authorize(self) -> Any:
        self.asked = request.args.to_dict()
        answer = {"code": "c-1", "state": self.asked["state"]}
        return redirect(f"{self.asked['redirect_uri']}?{urlencode(answer)}")

    def _token(self) -> Any:
        form, who = request.form, request.authorization
        assert who is not None
        digest = sha256(form["code_verifier"].encode()).digest()
        challenge = urlsafe_b64encode(digest).rstrip(b"=").decode()
        if (who.username, who.password) != (client_id, client_secret) or challenge != self.asked["code_challenge"]:
            return jsonify(error="invalid_grant"), 400
        now = int(time.time())
        said = {"iss": self.issuer, "aud": client_id, "iat": now, "exp": now + 300, "nonce": self.asked["nonce"]}
        key = self._key if self.signs else self._other
        token = jwt.encode({"alg": "RS256", "kid": "k1"}, said | self.claims | self.changed, key)
        return jsonify(access_token="t", token_type="Bearer", expires_in=300, id_token=token)
