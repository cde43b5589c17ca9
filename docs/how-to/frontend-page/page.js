// The page: what it shows in which language, and the default that it brings along.

import { connect, offerFor, speak } from "./offers.js";

const COPY = {
  en: {
    greeting: (name) => `Welcome back, ${name}`,
    bundled: {
      title: "New in the tea house",
      body: "Spring harvests from Alishan have arrived. As a member you collect points with every cup.",
      call_to_action: "See what is new",
    },
    until: (date) => `Until ${date}`,
    climb: (to) => `Your way to ${to}`,
    toGo: (rest, date) => (date ? `${rest} to go by ${date}` : `${rest} to go`),
    or: (rest) => `or ${rest}`,
    reached: (to) => `You have what ${to} asks for`,
    top: (tier) => `${tier} is the highest there is, and yours`,
    units: {
      score: (n) => `${n} points`,
      orders: (n) => (n === 1 ? "one order" : `${n} orders`),
      active_days: (n) => (n === 1 ? "one visit" : `${n} visits`),
      referrals: (n) => (n === 1 ? "one friend" : `${n} friends`),
      days: (n) => (n === 1 ? "one day" : `${n} days`),
    },
    benefits: "Always yours",
    points: "Points on everything",
    "points-more": "One for every NT$100, worth as much at the next visit.",
    table: "A table by the window",
    "table-more": "Reserve until noon of the same day.",
    returns: "Sixty days to think",
    "returns-more": "Unopened tea comes back without a question.",
    tiers: { gold: "Gold", silver: "Silver", diamond: "Diamond" },
  },
  "zh-TW": {
    greeting: (name) => `${name}，歡迎回來`,
    bundled: {
      title: "茶館新品",
      body: "阿里山春茶已經上架。會員每喝一杯，都能累積點數。",
      call_to_action: "看看新品",
    },
    until: (date) => `優惠至${date}`,
    climb: (to) => `邁向${to}`,
    toGo: (rest, date) => (date ? `${date}前還差 ${rest}` : `還差 ${rest}`),
    or: (rest) => `或 ${rest}`,
    reached: (to) => `您已達成${to}條件`,
    top: (tier) => `您已是最高等級：${tier}`,
    units: {
      score: (n) => `${n} 分`,
      orders: (n) => `${n} 筆訂單`,
      active_days: (n) => `${n} 天造訪`,
      referrals: (n) => `${n} 位朋友`,
      days: (n) => `${n} 天`,
    },
    benefits: "會員專屬",
    points: "消費皆可集點",
    "points-more": "每滿 NT$100 得一點，下次即可折抵。",
    table: "靠窗座位",
    "table-more": "當日中午前皆可預約。",
    returns: "六十天鑑賞期",
    "returns-more": "未開封的茶葉，無條件退換。",
    tiers: { gold: "金卡", silver: "銀卡", diamond: "鑽石卡" },
  },
};

const find = (selector) => document.querySelector(selector);
const slot = find("[data-offer]");
let locale = navigator.language.startsWith("zh") ? "zh-TW" : "en";
let signedIn = null;

/** Gives who is logged in, from your backend; with a new token where the old one is about to end. */
async function session(renew = false) {
  if (renew || !signedIn || signedIn.ends_at * 1_000 - Date.now() < 60_000) {
    const answer = await fetch(`session${location.search}`);
    if (!answer.ok) throw new Error(`the session answered ${answer.status}`);
    signedIn = await answer.json();
  }
  const { tierlift, browser_key: browserKey, member, token } = signedIn;
  return { tierlift, browserKey, memberId: member.id, token };
}

function showOffer() {
  const copy = COPY[locale];
  const bundled = { kind: "none", texts: copy.bundled };
  const { value, variant, reason, flagMetadata, errorCode } = offerFor(slot, bundled);
  // control and whoever is not in the campaign have no texts of their own: they see what all see
  const texts = value.texts ?? copy.bundled;
  slot.querySelector("h2").textContent = texts.title;
  slot.querySelector(".body").textContent = texts.body;
  const button = slot.querySelector(".button");
  button.textContent = texts.call_to_action;
  button.parentElement.hidden = !texts.call_to_action;
  const terms = slot.querySelector(".terms");
  terms.hidden = !value.expires_at;
  terms.textContent = value.expires_at ? copy.until(day(value.expires_at)) : "";
  showClimb(value.progress);
  slot.dataset.kind = value.kind;
  slot.dataset.variant = variant ?? "";
  told("offer", errorCode ? `the default: ${errorCode}` : `${variant}, ${flagMetadata.reason} (${reason})`);
}

/** Shows how far the next tier is, where the answer says it; the bundled default knows nothing. */
function showClimb(progress) {
  const section = find(".climb");
  const { state, tier, to, current, target, deadline, paths = [] } = progress ?? {};
  section.hidden = !["under_way", "reached", "top_tier"].includes(state);
  if (section.hidden) return;
  const copy = COPY[locale];
  const named = (key) => copy.tiers[key] ?? key;
  const headings = { under_way: copy.climb, reached: copy.reached, top_tier: copy.top };
  section.querySelector("h2").textContent = headings[state](named(to ?? tier));
  const bar = section.querySelector("progress");
  bar.hidden = state !== "under_way";
  if (!bar.hidden) Object.assign(bar, { max: target, value: Math.max(current, 0) });
  const words = [];
  if (state === "under_way") {
    words.push(copy.toGo(rest(paths.find((path) => path.nearest)), deadline && day(deadline)));
    // what is not known of the member is null: there is nothing to say of such a way
    const others = paths.filter((path) => !path.nearest && path.remaining !== null);
    words.push(...others.map((path) => copy.or(rest(path))));
  }
  section.querySelector(".to-go").textContent = words.join(", ");
}

/** Gives what is missing on a way, in its unit. */
function rest({ unit, remaining, currency }) {
  return unit === "money" ? money(remaining, currency) : COPY[locale].units[unit](remaining);
}

function showWords() {
  const copy = COPY[locale];
  document.documentElement.lang = locale;
  for (const place of document.querySelectorAll("[data-text]")) {
    const text = copy[place.dataset.text];
    place.textContent = typeof text === "function" ? text(signedIn.member.name) : text;
  }
  for (const button of document.querySelectorAll("[data-locale]")) {
    button.setAttribute("aria-pressed", String(button.dataset.locale === locale));
  }
}

function money(minor, currency) {
  const format = { style: "currency", currency, trailingZeroDisplay: "stripIfInteger" };
  const { maximumFractionDigits } = new Intl.NumberFormat(locale, format).resolvedOptions();
  return new Intl.NumberFormat(locale, format).format(minor / 10 ** maximumFractionDigits);
}

function day(moment) {
  return new Intl.DateTimeFormat(locale, { dateStyle: "long" }).format(new Date(moment));
}

function told(what, text) {
  const [line, kind, words] = ["li", "b", "span"].map((name) => document.createElement(name));
  [kind.textContent, words.textContent] = [what, text];
  line.append(kind, words);
  find(".log").append(line);
}

function showOthers() {
  for (const { id, name, tier } of signedIn.members) {
    const link = document.createElement("a");
    link.href = `?member=${encodeURIComponent(id)}`;
    link.textContent = `${name}, ${tier}`;
    if (id === signedIn.member.id) link.setAttribute("aria-current", "true");
    find(".others").append(link);
  }
}

await session();
showOthers();
showWords();
showOffer();
for (const button of document.querySelectorAll("[data-locale]")) {
  button.addEventListener("click", async () => {
    locale = button.dataset.locale;
    showWords();
    await speak(locale);
    showOffer();
  });
}
await connect(session, locale, showOffer, told);
