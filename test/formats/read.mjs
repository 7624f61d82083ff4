// Reads the reports of a run with what others wrote: junit.xml with junit2json,
// messages.ndjson with Cucumber's own types, query and HTML formatter. What they
// count is compared with run.json, read here and nowhere else.
//
//   node read.mjs RUN…        run folders
import fs from 'node:fs'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { Readable } from 'node:stream'
import { parseEnvelope } from '@cucumber/messages'
import { Query } from '@cucumber/query'
import { CucumberHtmlStream } from '@cucumber/html-formatter'
import { NdjsonToMessageStream } from '@cucumber/message-streams'
import { parse as parseJUnit } from 'junit2json'

const expect = (what, got, want) => {
  if (JSON.stringify(got) !== JSON.stringify(want)) {
    throw new Error(`${what}: ${JSON.stringify(got)}, and run.json comes to ${JSON.stringify(want)}`)
  }
}

// What each verdict has to be for others. Whatever is not named is an error.
const inJUnit = { pass: 'passed', warn: 'passed', observed: 'passed', fail: 'failures', inapplicable: 'skipped', 'not exercised': 'skipped' }
const inCucumber = { pass: 'PASSED', warn: 'PASSED', observed: 'SKIPPED', inapplicable: 'SKIPPED', 'not exercised': 'SKIPPED', inconclusive: 'PENDING' }
const conformant = ['CONFORMANT', 'CONFORMANT WITH WARNINGS']

for (const dir of process.argv.slice(2)) {
  const read = (name) => fs.readFileSync(path.join(dir, name), 'utf8')
  const run = JSON.parse(read('run.json'))
  const scenarios = run.scenarios ?? []
  const good = conformant.includes(run.verdict)

  const want = { tests: scenarios.length + 1, failures: 0, errors: 0, skipped: 0 }
  for (const s of scenarios) {
    const kind = inJUnit[s.verdict] ?? 'errors'
    if (kind !== 'passed') want[kind]++
  }
  if (!good) want[run.verdict === 'NOT CONFORMANT' ? 'failures' : 'errors']++
  const suites = (await parseJUnit(read('junit.xml'))).testsuite
  const got = { tests: 0, failures: 0, errors: 0, skipped: 0 }
  for (const c of suites.flatMap((s) => s.testcase ?? [])) {
    got.tests++
    if (c.failure?.length) got.failures++
    if (c.error?.length) got.errors++
    if (c.skipped?.length) got.skipped++
  }
  expect(`${dir}: junit2json counts`, got, want)
  const sum = (name) => suites.reduce((n, s) => n + Number(s[name] ?? 0), 0)
  expect(`${dir}: junit2json, by the counters`, { tests: sum('tests'), failures: sum('failures'), errors: sum('errors'), skipped: sum('skipped') }, want)

  const q = new Query()
  const envelopes = read('messages.ndjson').trimEnd().split('\n').map((line) => parseEnvelope(line))
  for (const e of envelopes) q.update(e)
  expect(`${dir}: messages: success`, q.findTestRunFinished().success, good)
  const count = (list) => {
    const counts = new Map()
    for (const k of list) counts.set(k, (counts.get(k) ?? 0) + 1)
    return [...counts].sort()
  }
  expect(
    `${dir}: messages by scenario and status`,
    count(q.findAllTestCaseStarted().map((started) => {
      const pickle = q.findPickleBy(started)
      return `${pickle.uri}: ${pickle.name}: ${q.findMostSevereTestStepResultBy(started).status}`
    })),
    count(scenarios.map((s) => `${s.file}: ${s.name}: ${inCucumber[s.verdict] ?? 'FAILED'}`)),
  )

  const chunks = []
  await pipeline(
    Readable.from([Buffer.from(read('messages.ndjson'))]),
    new NdjsonToMessageStream(),
    new CucumberHtmlStream(),
    async function* (source) { for await (const chunk of source) chunks.push(chunk) },
  )
  const page = chunks.join('')
  if (!page.includes('</html>') || page.length < 100_000) throw new Error(`${dir}: the HTML formatter wrote ${page.length} letters`)
  if (process.env.PAGE) fs.writeFileSync(process.env.PAGE, page)
  console.log(`  ${path.basename(dir)}: junit2json ${JSON.stringify(got)}; Cucumber ${scenarios.length} scenarios, ${envelopes.length} messages, success ${good}, its page ${page.length >> 10} KB`)
}
