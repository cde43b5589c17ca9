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
    toGo: (money, date) => `${money} to go by ${date}`,
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
    toGo: (money, date) => `${date}前再消費 ${money}`,
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
  slot.dataset.kind = value.kind;
  slot.dataset.variant = variant ?? "";
  told("offer", errorCode ? `the default: ${errorCode}` : `${variant}, ${flagMetadata.reason} (${reason})`);
}

/** Shows how far it is to the next tier, where the session says it; whoever is at the top has none. */
function showClimb({ progress }) {
  const section = find(".climb");
  section.hidden = !progress;
  if (!progress) return;
  const { to, current_minor: current, target_minor: target, currency, until } = progress;
  const copy = COPY[locale];
  section.querySelector("h2").textContent = copy.climb(copy.tiers[to] ?? to);
  Object.assign(section.querySelector("progress"), { max: target, value: current });
  section.querySelector(".to-go").textContent = copy.toGo(money(target - current, currency), day(until));
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
  showClimb(signedIn.member);
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
