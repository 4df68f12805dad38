// Reads an AsyncAPI document on its standard input; prints what @asyncapi/parser makes of it, as JSON.
import { readFileSync } from "node:fs";
import { Parser } from "@asyncapi/parser";

const { document, diagnostics } = await new Parser().parse(readFileSync(0, "utf8"));
const channels = document ? document.channels().all().map((channel) => channel.address()) : [];
const findings = diagnostics.map(({ code, message, path, severity }) => ({ code, message, path: path.join("."), severity }));
process.stdout.write(JSON.stringify({ channels, findings }));
