// Access tokens that expire when a test says so, and how often they are renewed.

import { eventually } from "./service.js";

/** What the service answers to a token that has expired. */
export const EXPIRED = {
  status: 401,
  contentType: "application/problem+json",
  body: JSON.stringify({ status: 401, code: "unauthenticated", detail: "The token has expired." }),
};

/** When an access token was made, in seconds. */
const issuedAt = (token) => JSON.parse(Buffer.from(token.split(".")[1], "base64url")).iat;

export class Expiry {
  /** How often tokens were renewed. */
  refreshes = 0;
  #token;
  #expired;

  /** For all tabs of a window; pages of another origin need `headers` to read the refusal. */
  static async of({ context, service }, accessToken, headers = {}) {
    const expiry = new Expiry();
    expiry.#token = accessToken;
    await context.route(`${service.api}/*/*`, (route) =>
      route.request().url().endsWith("/session/refresh") ? expiry.#renew(route) : expiry.#judge(route, headers),
    );
    return expiry;
  }

  /** From now on the present token is answered as one that has expired. */
  expire() {
    this.#expired = this.#token;
  }

  async #renew(route) {
    this.refreshes++;
    // A token that is made in the same second is the same, and would be taken for the expired one.
    await eventually("the next second", () => Date.now() >= (issuedAt(this.#token) + 1) * 1000);
    const response = await route.fetch();
    this.#token = (await response.json()).accessToken;
    return route.fulfill({ response });
  }

  async #judge(route, headers) {
    const authorization = await route.request().headerValue("authorization");
    if (authorization !== `Bearer ${this.#expired}`) return route.fallback();
    const { contentType, ...refusal } = EXPIRED;
    return route.fulfill({ ...refusal, headers: { "Content-Type": contentType, ...headers } });
  }
}

/** The access token of a person who signs in next in this window. */
export async function nextToken({ context }) {
  const response = await context.waitForEvent("response", (response) => response.url().endsWith("/session/create"));
  return (await response.json()).accessToken;
}
