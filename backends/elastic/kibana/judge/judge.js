// Reads queries, one JSON object {"id", "query"} a line, and answers each with {"id", "ok", "dsl"} or {"id", "ok", "error"}:
// what the parser and the translation of an older Kibana (7.x) make of it without a data view.
const { fromKueryExpression, toElasticsearchQuery } = require('@cybernetex/kbn-es-query');

function judge({ id, query }) {
  try {
    return { id, ok: true, dsl: toElasticsearchQuery(fromKueryExpression(query, { allowLeadingWildcards: true })) };
  } catch (e) {
    return { id, ok: false, error: String(e.message).split('\n')[0] };
  }
}

const lines = require('readline').createInterface({ input: process.stdin });
lines.on('line', (line) => process.stdout.write(JSON.stringify(judge(JSON.parse(line))) + '\n'));
