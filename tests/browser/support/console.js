// The console as its readers know it: by what stands on it.

import assert from "node:assert/strict";
import en from "../../../console/public/texts/en.js";
import { eventually } from "./service.js";

/** Somebody who can be the first. */
export const ADA = { email: "ada@example.com", password: "rivers run uphill", first: "Ada", last: "Lovelace" };

/** An input by its label, which may say that it is optional. */
export const field = (page, label) =>
  page.locator("input, select, textarea").and(page.getByLabel(new RegExp(`^${label}( optional)?$`)));

export const button = (page, name) => page.getByRole("button", { name, exact: true });

export const heading = (page, name) => page.getByRole("heading", { name, level: 1, exact: true });

/** Fills in a form: labels and values, which are chosen where there is a list of them. */
export async function fill(page, values) {
  for (const [label, value] of Object.entries(values)) {
    const input = field(page, label);
    const isList = await input.evaluate(({ tagName }) => tagName === "SELECT");
    await (isList ? input.selectOption(value) : input.fill(value));
  }
}

/** Signs in on the way to a page, by its path and title. */
export async function signIn(page, service, { email, password }, path = "users", title = "Users") {
  await page.goto(`${service.console}#/${path}`);
  await fill(page, { "Email": email, Password: password });
  await button(page, "Sign in").click();
  await heading(page, title).waitFor();
}

/** Has requests for a URL wait until what is returned is called. */
export async function hold(page, url) {
  let release;
  const isReleased = new Promise((resolve) => (release = resolve));
  await page.route(url, async (route) => {
    await isReleased;
    await route.continue();
  });
  return release;
}

/** Goes to a page by its path, as by a bookmark. */
export async function visit(page, service, path, title) {
  await page.goto(`${service.console}#/${path}`);
  await heading(page, title).waitFor();
}

/** What an input is said to be wrong in: read to the person who is in it. */
export async function faultOf(input) {
  assert.equal(await input.getAttribute("aria-invalid"), "true");
  const ids = (await input.getAttribute("aria-describedby")).split(" ");
  return input.page().locator(`[id="${ids.find((id) => id.endsWith("-fault"))}"]`).innerText();
}

/** A part of a page, by its name. */
export const region = (page, name) => page.getByRole("region", { name, exact: true });

/** The rows of a table, by its name; not its head. */
export const rows = (page, name) => page.getByRole("table", { name }).locator("tbody tr");

/** Presses a button that copies; returns what it has put into the clipboard. */
export async function copied({ context, page }, target) {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.evaluate(() => navigator.clipboard.writeText(""));
  await target.click();
  await page.getByText("Copied.").last().waitFor();
  return eventually("what was copied", () => page.evaluate(() => navigator.clipboard.readText()));
}

/** The navigation, opened first where the window has no room for it. */
export async function navigation(page, texts = en) {
  const main = page.getByRole("navigation", { name: texts.frame.main, exact: true });
  if (page.viewportSize().width < 900 && (await main.count()) === 0) await button(page, texts.frame.menu).click();
  await main.waitFor();
  return main;
}

/** What the navigation leads to. */
export async function entries(page) {
  const main = await navigation(page);
  return main.getByRole("listitem").allInnerTexts();
}

/** One's own menu, at the foot of the navigation. */
export async function ownMenu(page, texts = en) {
  await navigation(page, texts);
  const isNamed = new RegExp(`^${texts.frame.signedInAs}`);
  await page.getByRole("button", { name: isNamed }).click();
  return page.getByRole("menu", { name: texts.frame.yourMenu, exact: true });
}

export async function signOut(page, texts = en) {
  const menu = await ownMenu(page, texts);
  await menu.getByRole("menuitem", { name: texts.common.signOut, exact: true }).click();
}

/** Reloads a page that must ask first, and stays where one is. */
export async function stays(page) {
  const asking = page.waitForEvent("dialog");
  const reloaded = page.reload().catch(() => {});
  const dialog = await asking;
  assert.equal(dialog.type(), "beforeunload");
  await dialog.dismiss();
  await reloaded;
}

/** Waits until a text stands somewhere on the page proper. */
export const says = (page, text) => page.getByRole("main").getByText(text).locator("visible=true").first().waitFor();

export const hasFocus = (target) => target.evaluate((element) => element === document.activeElement);

/** The present focus must be seen; this is how it shows, or nothing. */
export function focusMark(page) {
  return page.evaluate(() => {
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(document.activeElement);
    const isOutlined = outlineStyle !== "none" && parseFloat(outlineWidth) > 0;
    return isOutlined ? `outline ${outlineWidth}` : boxShadow.replace("none", "");
  });
}

/** Presses Tab until the focus is on this; whatever it comes by must show that it has the focus. */
export async function tabTo(page, wanted) {
  for (let presses = 0; presses < 60; presses++) {
    if (await hasFocus(wanted)) return;
    await page.keyboard.press("Tab");
    const at = await page.evaluate(() => document.activeElement.outerHTML.slice(0, 200));
    if (!at.startsWith("<body")) assert.ok(await focusMark(page), `the focus is not seen on ${at}`);
  }
  assert.fail("60 times Tab does not lead there");
}
