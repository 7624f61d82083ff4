// Checks a .gitlab-ci.yml against the schema that GitLab publishes.
import { readFileSync } from "node:fs";
import Ajv from "ajv";
import yaml from "js-yaml";
import { schema } from "gitlab-ci-local/src/schema/schema.js";

const document = yaml.load(readFileSync(process.argv[2], "utf8"));
const validate = new Ajv({ strict: false, allErrors: true, validateFormats: false }).compile(schema);
if (!document || !validate(document)) {
  console.error(`${process.argv[2]} does not keep GitLab's schema:`);
  for (const e of validate.errors ?? [{ instancePath: "", message: "it is empty" }]) {
    console.error(`  ${e.instancePath || "/"}: ${e.message} ${JSON.stringify(e.params ?? {})}`);
  }
  process.exit(1);
}
console.log(`${process.argv[2]}: ${Object.keys(document).length} keys`);
