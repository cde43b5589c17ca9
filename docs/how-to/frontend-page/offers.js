// Offers of Tierlift in a page: fetched with OpenFeature, reported when they are seen. Take this
// file as it is; `page.js` shows how a page uses it.

import { OFREPWebProvider } from "@openfeature/ofrep-web-provider";
import { OpenFeature, ProviderEvents } from "@openfeature/web-sdk";

const ANSWER_MS = 2_000; // longer than this nobody waits for an offer
const POLL_MS = 60_000; // how soon an open page learns of a pause; every tab asks this often
const RETRY_MS = 30_000; // after a failure, unless the service says when
const KEPT_S = 24 * 3_600; // how old an offer may be that is shown while the service is away
const SEEN_SHARE = 0.5; // of the slot, inside the window …
const SEEN_MS = 1_000; // … for this long

const client = OpenFeature.getClient();
let session; // asks your backend who is logged in
let tell = () => {};

/**
 * Connects, and stays connected; until it has, and if it never does, `offerFor` gives the default.
 *
 * @param sessionOf gives { tierlift, browserKey, memberId, token } of your backend; called with
 *   `true`, with a new token. It is called often, so it must remember.
 * @param locale what the member reads
 * @param changed is called whenever offers may have changed
 * @param told is called with what happened, for a developer to read
 */
export async function connect(sessionOf, locale, changed, told = () => {}) {
  [session, tell] = [sessionOf, told];
  client.addHooks(exposures);
  await OpenFeature.setContext({ locale });
  for (const event of [ProviderEvents.ConfigurationChanged, ProviderEvents.ContextChanged]) {
    client.addHandler(event, changed);
  }
  client.addHandler(ProviderEvents.Stale, ({ message }) => tell("stale", message));
  client.addHandler(ProviderEvents.Error, ({ message }) => tell("error", message));
  await keepTrying(changed);
}

/** Asks for all offers again, in another language. */
export async function speak(locale) {
  await OpenFeature.setContext({ ...OpenFeature.getContext(), locale });
}

/** Gives the details of the offer for a slot, or the default where there is none or it is over. */
export function offerFor(slot, bundled) {
  const details = client.getObjectDetails(slot.dataset.offer, bundled, { hookHints: { slot } });
  return isOver(details.value) ? { ...details, value: bundled } : details;
}

/** The hook: what was evaluated for a slot is reported once the slot is seen. */
const exposures = {
  finally({ flagKey, context }, { variant, flagMetadata, value, errorCode }, { slot }) {
    forget(slot); // what was there before, and not yet seen
    if (errorCode || flagMetadata.reason !== "assigned" || isOver(value)) return;
    const exposure = { campaign: flagKey, variant, member_id: context.targetingKey };
    whenSeen(slot, () => report(exposure, flagMetadata.phase));
  },
};

async function keepTrying(changed) {
  try {
    const { tierlift, memberId } = await session();
    const context = { ...OpenFeature.getContext(), targetingKey: memberId };
    await OpenFeature.setProviderAndWait(provider(tierlift), context);
    tell("connected", tierlift);
  } catch (error) {
    await session(true).catch(() => {}); // if it was the token: here is the next one
    setTimeout(keepTrying, RETRY_MS, changed);
  }
  changed();
}

function provider(tierlift) {
  return new OFREPWebProvider({
    baseUrl: tierlift,
    headersFactory: async () => Object.entries(await headers()),
    timeoutMs: ANSWER_MS,
    pollInterval: POLL_MS,
    cacheMode: "network-first", // an offer of yesterday is for when there is none of today
    cacheTTL: KEPT_S,
    cacheKeyGenerator: ({ url, auth, targetingKey, context }) =>
      JSON.stringify([url, auth, targetingKey, context.locale]),
  });
}

async function headers() {
  const { browserKey, token } = await session();
  return { Authorization: `Bearer ${browserKey}`, "X-Tierlift-Member": token };
}

function isOver(value) {
  return Boolean(value.expires_at) && Date.parse(value.expires_at) <= Date.now();
}

const watched = new WeakMap(); // slot -> stops watching it

function forget(slot) {
  watched.get(slot)?.();
  watched.delete(slot);
}

function whenSeen(slot, seen) {
  let timer;
  const observer = new IntersectionObserver(
    (entries) => {
      clearTimeout(timer);
      if (document.hidden || entries.at(-1).intersectionRatio < SEEN_SHARE - 0.01) return;
      timer = setTimeout(() => {
        forget(slot);
        seen();
      }, SEEN_MS);
    },
    { threshold: SEEN_SHARE },
  );
  const look = () => {
    clearTimeout(timer); // a tab in the background shows nothing
    observer.unobserve(slot);
    observer.observe(slot);
  };
  document.addEventListener("visibilitychange", look);
  watched.set(slot, () => {
    clearTimeout(timer);
    observer.disconnect();
    document.removeEventListener("visibilitychange", look);
  });
  look();
}

const reported = new Set();

async function report(exposure, phase) {
  // the same for this member, variant and phase from any page at any time: a repeat changes nothing
  const name = [exposure.campaign, phase, exposure.variant, exposure.member_id].join("\n");
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(name));
  const hex = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0"));
  const exposureId = `page-${hex.join("")}`;
  if (reported.has(exposureId)) return;
  reported.add(exposureId);
  await send({ exposure_id: exposureId, ...exposure });
}

async function send(exposure) {
  let waitMs = RETRY_MS;
  try {
    const { tierlift } = await session();
    const answer = await fetch(`${tierlift}/v1/exposures`, {
      method: "POST",
      headers: { ...(await headers()), "Content-Type": "application/json" },
      body: JSON.stringify(exposure),
      keepalive: true, // sent to the end though the member walks on
    });
    if (answer.ok) return tell("exposure", `${exposure.campaign}: ${exposure.variant}, reported`);
    if (answer.status === 401) await session(true);
    else if (answer.status !== 429 && answer.status < 500) {
      return tell("error", `the exposure was refused: ${await answer.text()}`);
    }
    waitMs = 1_000 * (Number(answer.headers.get("Retry-After")) || RETRY_MS / 1_000);
  } catch (error) {
    tell("error", `the exposure waits: ${error.message}`);
  }
  setTimeout(send, waitMs, exposure);
}
