// Asks a question and prints the answer as it comes, then the model, the tokens and the cost.
import { readFileSync } from "node:fs";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import type { Finished } from "pointsman/v1/completion_pb.js";
import { Role } from "pointsman/v1/content_pb.js";
import { RouterService } from "pointsman/v1/router_service_pb.js";

function summary(finished: Finished): string {
  const cost = finished.costNanos === undefined ? "unpriced" : `${(Number(finished.costNanos) / 1e9).toFixed(9)} dollars`;
  return `${finished.modelId}: ${finished.usage?.inputTokens} tokens in, ${finished.usage?.outputTokens} out, ${cost}`;
}

const address = process.env["POINTSMAN_ADDRESS"] ?? "127.0.0.1:50051";
// The caller's own, or that of the first administrator of a server that was started here.
const token = process.env["POINTSMAN_TOKEN"] ?? readFileSync("data/admin-token", "utf8").trim();
const options = { headers: { authorization: `Bearer ${token}` }, timeoutMs: 60_000 };
const text = process.argv.slice(2).join(" ") || "Why is the sky blue?";
const router = createClient(RouterService, createGrpcTransport({ baseUrl: `http://${address}` }));
const question = { role: Role.USER, parts: [{ kind: { case: "text", value: { text } } as const }] };

for await (const response of router.complete({ specification: { messages: [question] } }, options)) {
  for (const { kind } of response.events) {
    if (kind.case === "textDelta") process.stdout.write(kind.value.text);
    if (kind.case === "finished") console.log(`\n${summary(kind.value)}`);
  }
}
