// A public OpenID Connect provider (oidc-provider) with a page at which people say who they are, without passwords.
//
// `node signing_in.mjs '{"port": 9000, "redirectUris": ["https://…"]}'` serves until it is ended, and says so once it
// does.

import { generateKeyPairSync, randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { pathToFileURL } from "node:url";
import { text } from "node:stream/consumers";
import Provider, { interactionPolicy } from "oidc-provider";

/** What the service is known by there. */
export const CLIENT = { id: "guestlist", secret: "a-secret-that-the-provider-knows" };

/**
 * Serves at `http://localhost:PORT`, with keys of its own each time.
 *
 * - `redirectUris`: where people may be led back to;
 * - `people`: what is claimed of whom, by login name; of anybody else that the address is `NAME@example.com`, verified;
 * - `tellsAuthTime`: whether each token says when its person signed in there, and not only where that is asked for;
 * - `gate`: what is waited for before a request is answered, by its path.
 */
export async function serveOidcProvider({ port, redirectUris, people = {}, tellsAuthTime = false, gate = async () => {} }) {
  const issuer = `http://localhost:${port}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: CLIENT.id,
        client_secret: CLIENT.secret,
        redirect_uris: redirectUris,
        grant_types: ["authorization_code"],
        require_auth_time: tellsAuthTime,
      },
    ],
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["given_name", "family_name"] },
    // Else the claims are told at the userinfo endpoint alone.
    conformIdTokenClaims: false,
    findAccount: (_, login) => ({ accountId: login, claims: () => ({ sub: login, ...claimsOf(login, people) }) }),
    features: { devInteractions: { enabled: false } },
    interactions: { policy: policy(), url: (_, { uid }) => `/interaction/${uid}` },
    cookies: { keys: [randomBytes(32).toString("hex")] },
    jwks: { keys: [newKey()] },
    ttl: { Interaction: 600, Session: 3600, Grant: 3600, IdToken: 600, AccessToken: 600, AuthorizationCode: 60 },
  });
  const answer = provider.callback();
  const server = createServer(async (request, response) => {
    await gate(request.url);
    const isInteraction = request.url.startsWith("/interaction/");
    if (!isInteraction) return answer(request, response);
    return interact(provider, request, response).catch((error) => response.writeHead(500).end(String(error)));
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return { issuer, close: () => close(server) };
}

const claimsOf = (login, people) => people[login] ?? { email: `${login}@example.com`, email_verified: true };

function newKey() {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const kid = randomBytes(8).toString("hex");
  return { ...privateKey.export({ format: "jwk" }), kid, use: "sig", alg: "RS256" };
}

/** As usual, and who asks for it may choose another person. */
function policy() {
  const usual = interactionPolicy.base();
  usual.add(new interactionPolicy.Prompt({ name: "select_account", requestable: true }));
  return usual;
}

const PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>The provider</title>
<link rel="icon" href="data:,">
<h1>Who are you?</h1>
<form method="post">
  <label for="login">Login name</label> <input id="login" name="login">
  <button name="act" value="go">Go on</button>
  <button name="act" value="deny">Say no</button>
</form>`;

/** Somebody says who they are, and whether the service may know. */
async function interact(provider, request, response) {
  if (request.method === "GET") return response.writeHead(200, { "Content-Type": "text/html" }).end(PAGE);
  const given = new URLSearchParams(await text(request));
  const denied = { error: "access_denied", error_description: "They have said no." };
  const result = given.get("act") === "go" ? await consent(provider, request, response, given.get("login")) : denied;
  return provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
}

async function consent(provider, request, response, accountId) {
  const { params } = await provider.interactionDetails(request, response);
  const grant = new provider.Grant({ accountId, clientId: params.client_id });
  grant.addOIDCScope("openid email profile");
  return { login: { accountId }, consent: { grantId: await grant.save() }, select_account: {} };
}

async function close(server) {
  server.close();
  server.closeAllConnections();
  await once(server, "close");
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const { issuer } = await serveOidcProvider(JSON.parse(process.argv[2] ?? "{}"));
  console.log(`serves at ${issuer}`);
}
