// A client of the npm package `soap`, as its own readme writes one: it knows the WSDL and no more.
// Reads one JSON from its standard input, writes one to its standard output.

import { createRequire } from "node:module";
import { text } from "node:stream/consumers";

const soap = createRequire(`${process.cwd()}/`)("soap");
const { wsdl, endpoint, operation, headers, row, unit, password, passwordType } = JSON.parse(await text(process.stdin));

const client = await soap.createClientAsync(wsdl);
client.setSecurity(new soap.WSSecurity(unit, password, { passwordType }));
for (const { name, namespace, content } of headers) {
  client.addSoapHeader({ [name]: content }, "", "h", namespace);
}
if (endpoint) client.setEndpoint(endpoint);

try {
  const [result] = await client[`${operation}Async`](row);
  console.log(JSON.stringify({ result }));
} catch (error) {
  const fault = error.root?.Envelope?.Body?.Fault;
  if (!fault) throw error;
  console.log(JSON.stringify({ fault }));
}
