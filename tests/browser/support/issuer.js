// Another service that people sign in with: the tokens that it makes.

import { createHmac } from "node:crypto";

export const ISSUER = "https://id.example.com/";
export const SECRET = "a-secret-that-the-two-services-share";

/** Has the service take its tokens, and believe the emails in them. */
export const TRUSTED = `--issuer=issuer=${ISSUER},audience=app,hs256_secret=${SECRET},trust_email=true`;

/** A token of it, with these claims. */
export function jwt(claims) {
  const now = Math.floor(Date.now() / 1000);
  const whole = { iss: ISSUER, aud: "app", sub: "bob", iat: now, exp: now + 600, ...claims };
  const parts = [{ alg: "HS256", typ: "JWT" }, whole];
  const signed = parts.map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
  return `${signed}.${createHmac("sha256", SECRET).update(signed).digest("base64url")}`;
}
