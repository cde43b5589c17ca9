// Evaluates flags with OpenFeature's Node.js SDK, as a frontend's server would, and prints what the
// SDK gives: what to ask comes as JSON on standard input, what it gives goes out as JSON.

import { createHash } from "node:crypto";
import { text } from "node:stream/consumers";

import { OFREPProvider } from "@openfeature/ofrep-provider";
import { OpenFeature } from "@openfeature/server-sdk";

const { base, key, fallback, asked, reports, pause } = JSON.parse(await text(process.stdin));
const headers = [["Authorization", `Bearer ${key}`]];

/** Reports who is shown which variant; sent again, from anywhere, it is the same exposure. */
const exposures = {
  async after({ flagKey, context }, { variant, flagMetadata }) {
    if (flagMetadata.reason !== "assigned") return;
    const named = [flagKey, flagMetadata.phase, context.targetingKey].join("\n");
    const id = createHash("sha256").update(named).digest("hex");
    const exposure = { exposure_id: `node-${id}`, campaign: flagKey, variant, member_id: context.targetingKey };
    await fetch(`${base}/v1/exposures`, {
      method: "POST",
      headers: [...headers, ["Content-Type", "application/json"]],
      body: JSON.stringify(exposure),
    }).catch(() => {}); // a page is never kept waiting by what is reported about it
  },
};

await OpenFeature.setProviderAndWait(new OFREPProvider({ baseUrl: base, headers }));
const client = OpenFeature.getClient();
if (reports) client.addHooks(exposures);

const kinds = { object: "getObjectDetails", string: "getStringDetails" };
const given = [];
for (const { flag, context, kind } of asked) {
  given.push(await client[kinds[kind ?? "object"]](flag, kind === "string" ? "" : fallback, context));
  if (pause) await new Promise((resolve) => setTimeout(resolve, pause));
}
console.log(JSON.stringify(given));
await OpenFeature.close();
