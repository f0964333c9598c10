/*
 * schema.mjs - does a JSON value keep to a JSON schema or an OpenAPI 2 definition?
 *
 * Only what the portals' descriptions use. A finding has a grade: "broken" (the service may
 * refuse it) or "advice" (allowed, but not what the description names). Enumerations marked
 * modelAsString may grow, so an unknown word there is advice only.
 */
const GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const DATE_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,7})?(Z|[+-]\d{2}:\d{2})$/;
const DEEPEST = 64;

export const isGuid = (text) => typeof text === "string" && GUID.test(text);
export const isDateTime = (text) =>
	typeof text === "string" && DATE_TIME.test(text) && !Number.isNaN(Date.parse(text));

const formats = {
	uuid: isGuid,
	"date-time": isDateTime,
	int32: (n) => Number.isInteger(n) && n >= -(2 ** 31) && n < 2 ** 31,
};

function typeOf(value) {
	if (value === null) return "null";
	if (Array.isArray(value)) return "array";
	return Number.isInteger(value) ? "integer" : typeof value;
}

function typeFits(type, value) {
	const actual = typeOf(value);
	return []
		.concat(type)
		.some((t) => t === actual || (t === "number" && actual === "integer"));
}

/* A document is { file, root, open }: open(name) gives the document of another file. */
function resolve(ref, document) {
	const [file, pointer] = ref.split("#");
	const target = file ? document.open(file) : document;
	let node = target.root;
	for (const step of (pointer || "").split("/").slice(1))
		node = node?.[step.replace(/~1/g, "/").replace(/~0/g, "~")];
	if (node === undefined) throw new Error(`unresolved reference ${ref} in ${document.file}`);
	return { schema: node, document: target };
}

function checkEnum(schema, value, say) {
	if (schema.const !== undefined && value !== schema.const)
		say("broken", `is not ${JSON.stringify(schema.const)}`);
	if (!schema.enum || schema.enum.includes(value)) return;
	/* The service itself changes the case of words on the way back and takes "no" for "No". */
	const known = schema.enum.some(
		(word) => String(word).toLowerCase() === String(value).toLowerCase(),
	);
	const open = schema["x-ms-enum"]?.modelAsString === true;
	say(open || known ? "advice" : "broken", `is none of ${schema.enum.join(", ")}`);
}

function checkText(schema, value, say) {
	if (schema.pattern && !new RegExp(schema.pattern, "u").test(value))
		say("broken", `does not match ${schema.pattern}`);
	if (schema.minLength !== undefined && value.length < schema.minLength)
		say("broken", `is shorter than ${schema.minLength}`);
	if (schema.maxLength !== undefined && value.length > schema.maxLength)
		say("broken", `is longer than ${schema.maxLength}`);
}

function checkNumber(schema, value, say) {
	if (schema.minimum !== undefined && value < schema.minimum)
		say("broken", `is less than ${schema.minimum}`);
	if (schema.maximum !== undefined && value > schema.maximum)
		say("broken", `is more than ${schema.maximum}`);
}

function checkMember(schema, name, value, context, at) {
	const { document, options, found, depth } = context;
	if (options.nullIsAbsent && value === null) return;
	const inner = schema.$ref ? resolve(schema.$ref, document).schema : schema;
	if (options.request && inner.readOnly)
		found.push({ at: `${at}/${name}`, grade: "advice", why: "is read-only" });
	walk(schema, value, { document, options, found, depth: depth + 1 }, `${at}/${name}`);
}

function checkObject(schema, value, context, at, say) {
	const absent = (v) => v === undefined || (context.options.nullIsAbsent && v === null);
	for (const name of schema.required || []) {
		if (absent(value[name])) say("broken", `has no ${name}`);
	}
	if (schema.minProperties !== undefined && Object.keys(value).length < schema.minProperties)
		say("broken", "is empty");
	for (const [name, member] of Object.entries(value)) {
		const known = schema.properties && Object.hasOwn(schema.properties, name);
		if (known) checkMember(schema.properties[name], name, member, context, at);
		else if (schema.additionalProperties === false)
			say("broken", `has an unknown member ${name}`);
		else if (context.options.request && schema.properties && !schema.allOf)
			say("advice", `has a member the description does not know: ${name}`);
	}
}

function checkChoice(schemas, value, context, at, say) {
	const fits = schemas.some((one) => {
		const found = [];
		walk(one, value, { ...context, found, depth: context.depth + 1 }, at);
		return !found.some((f) => f.grade === "broken");
	});
	if (!fits) say("broken", "fits none of the allowed forms");
}

function walk(schema, value, context, at) {
	const say = (grade, why) => context.found.push({ at: at || "/", grade, why });
	if (context.depth > DEEPEST) return say("broken", "is nested too deeply");
	if (schema.$ref) {
		const target = resolve(schema.$ref, context.document);
		const inner = { ...context, document: target.document, depth: context.depth + 1 };
		return walk(target.schema, value, inner, at);
	}
	if (schema.type && !typeFits(schema.type, value))
		return say(
			"broken",
			`is ${typeOf(value)}, not ${[].concat(schema.type).join(" or ")}`,
		);
	for (const part of schema.allOf || [])
		walk(part, value, { ...context, depth: context.depth + 1 }, at);
	if (schema.oneOf || schema.anyOf)
		checkChoice(schema.oneOf || schema.anyOf, value, context, at, say);
	checkEnum(schema, value, say);
	if (
		schema.format &&
		formats[schema.format] &&
		value !== null &&
		!formats[schema.format](value)
	)
		say("broken", `is not a ${schema.format}`);
	if (typeof value === "string") checkText(schema, value, say);
	else if (typeof value === "number") checkNumber(schema, value, say);
	else if (Array.isArray(value) && schema.items)
		value.forEach((item, i) =>
			walk(
				schema.items,
				item,
				{ ...context, depth: context.depth + 1 },
				`${at}/${i}`,
			),
		);
	else if (typeOf(value) === "object") checkObject(schema, value, context, at, say);
}

/* Every finding, in the order of the value. Options: request (read-only and unknown members are
 * told), nullIsAbsent (ARM does not tell null from missing). */
export function check(schema, value, document, options = {}) {
	const found = [];
	walk(schema, value, { document, options, found, depth: 0 }, "");
	return found;
}
