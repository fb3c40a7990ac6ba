// An authenticator app: it reads the QR code and makes the codes.

import { createHmac } from "node:crypto";
import jsQR from "jsqr";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** The code of an authenticator app (RFC 6238) at this moment. */
export function totp(secret) {
  const digits = [...secret].map((letter) => ALPHABET.indexOf(letter));
  const bits = digits.map((digit) => digit.toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const digest = createHmac("sha1", key).update(step).digest();
  const number = digest.readUInt32BE(digest[19] & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, "0");
}

/** What a camera reads off the screen, or nothing. */
export async function scanned(element) {
  const picture = (await element.screenshot()).toString("base64");
  const { pixels, width, height } = await element.page().evaluate(decoded, picture);
  return jsQR(Uint8ClampedArray.from(pixels), width, height, { inversionAttempts: "dontInvert" })?.data;
}

/** Runs in the page, whose browser knows how pictures are packed. */
async function decoded(picture) {
  const bytes = Uint8Array.from(atob(picture), (letter) => letter.charCodeAt(0));
  const bitmap = await createImageBitmap(new Blob([bytes]));
  const { width, height } = bitmap;
  const canvas = new OffscreenCanvas(width, height).getContext("2d");
  canvas.drawImage(bitmap, 0, 0);
  return { pixels: [...canvas.getImageData(0, 0, width, height).data], width, height };
}
