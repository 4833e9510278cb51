// Translates upstreams' errors in nginx, with the table that `errortax export nginx` writes.
//
//     js_path /etc/nginx/errortax;
//     js_import errortax from errortax.js;
//     js_preload_object errortax_table from errortax.json;
//
// Each location names its vendor: set $errortax_vendor NAME. There are three ways; each has a limit:
//
// - errortax.status, if the status is the code: error_page calls it. The status and the header fields are right, and
//   successes never reach this script. The body of the error is ignored.
// - errortax.headers with errortax.body, if the code is in the body: successes stream, errors are held back up to 256 KiB.
//   The header fields are sent before the body is known, so the status is the upstream's.
// - errortax.answer, if the code is in the body and the status must be right: a subrequest reads the whole response, error
//   or success, into subrequest_output_buffer_size. A larger response fails.
//
// Works with njs 0.7.8 and later.

const MAX_BODY = 262144;
const MAX_FIELD = 256;
const MAX_LIST = 4096;  // for fields with a strictest value in the table
const DELAY = /^([0-9]{1,8}|[A-Z][a-z][a-z], [0-9]{2} [A-Z][a-z][a-z] [0-9]{4} [0-9:]{8} GMT)$/;
const ONLY_FIRST = /^1\.(1?[0-9]|2[0-2])\./;  // in these versions $upstream_http_NAME is only the first of several fields
const OWN_FIELDS = ['connection', 'date', 'keep-alive', 'server', 'transfer-encoding'];

let held = null;  // the state that `headers` leaves to `body`; each request has its own copy

function vendorOf(r) {
    return vendorCalled(r, r.variables.errortax_vendor || 'http');
}

// The vendor, or plain HTTP if nginx itself refused the request: no upstream was asked then.
function vendorOfAnswer(r) {
    return !r.variables.upstream_status && errortax_table.vendors.http ? vendorCalled(r, 'http') : vendorOf(r);
}

function vendorCalled(r, name) {
    const vendor = errortax_table.vendors[name];
    if (!vendor) {
        const names = Object.keys(errortax_table.vendors).join(', ');
        r.error(`errortax: no vendor '${name}' in the table, so its errors pass unchanged; choose one of ${names}`);
    }
    return vendor;
}

function answerTo(vendor, status, body) {
    let number = body === null ? undefined : numberOfCode(vendor, body);
    if (number === undefined) {
        number = vendor.statuses[String(status)];
    }
    if (number === undefined) {
        number = vendor.statuses[`${String(status).charAt(0)}xx`];
    }
    return number === undefined ? undefined : errortax_table.answers[number];
}

function numberOfCode(vendor, body) {
    if (!vendor.places.length) {
        return undefined;
    }
    let document;
    try {
        document = JSON.parse(body.replace(/^\uFEFF/, ''));
    } catch (e) {
        return undefined;
    }
    for (let i = 0; i < vendor.places.length; i++) {
        const code = memberAt(document, vendor.places[i]);
        const number = typeof code === 'string' ? numberOf(vendor, code) : undefined;
        if (number !== undefined) {
            return number;
        }
    }
    return undefined;
}

function numberOf(vendor, code) {
    let number = vendor.codes[code];
    if (number === undefined && vendor.hyphen_underscore_alike) {
        number = vendor.codes[code.split('_').join('-')];
    }
    return typeof number === 'number' ? number : undefined;  // not a number: an inherited member, such as "constructor"
}

function memberAt(document, path) {
    for (let i = 0; i < path.length; i++) {
        if (document === null || typeof document !== 'object') {
            return undefined;
        }
        document = document[path[i]];
    }
    return document;
}

function fieldsOf(vendor, answer, upstream) {
    const fields = {}, strictest = errortax_table.strictest;  // instead of a list that is too long
    for (let i = 0; i < vendor.fields.length; i++) {  // lists in preloaded tables have no methods
        const name = vendor.fields[i];
        const value = upstream(name);
        if (value && value.length <= (strictest[name] ? MAX_LIST : MAX_FIELD)) {
            fields[name] = value;
        } else if (value && strictest[name]) {
            fields[name] = strictest[name];
        }
    }
    Object.keys(answer.headers).forEach(name => {
        fields[name] = answer.headers[name];
    });
    const wait = waitOf(vendor, answer, upstream);
    if (wait) {
        fields['retry-after'] = wait;
    }
    return fields;
}

function waitOf(vendor, answer, upstream) {
    if (answer.wait === undefined) {
        return undefined;
    }
    const delays = errortax_table.delays;
    let value;
    for (let i = 0; i < delays.length && !isDelay(value); i++) {
        value = upstream(delays[i]);
    }
    for (let i = 0; answer.limited && i < vendor.resets.length && !isDelay(value); i++) {
        value = upstream(vendor.resets[i]);
    }
    if (isDelay(value)) {
        return value;
    }
    return answer.wait ? String(answer.wait) : undefined;
}

function isDelay(value) {
    return Boolean(value) && DELAY.test(value);
}

function bodyOf(answer, status) {
    let text = answer.body[0];
    for (let i = 1; i < answer.body.length; i++) {
        text += String(status) + answer.body[i];
    }
    return text;
}

function isPlain(coding) {
    return !coding || coding === 'identity';
}

// js_content of the named locations that error_page names.
function status(r) {
    const vendor = vendorOfAnswer(r);
    const own = Number(r.variables.errortax_status);  // of a location for one status, whose answer may have any status
    const came = /([0-9]{3})[^0-9]*$/.exec(r.variables.upstream_status || '');
    const answer = vendor && answerTo(vendor, came ? came[1] : own || r.variables.status, null);
    let emitted = Number(r.variables.status);  // the status in error_page; this script cannot change it
    if (own) {
        emitted = !came ? own : answer ? answer.status : Number(came[1]);
    }
    if (!answer) {
        r.return(emitted);
        return;
    }
    const fields = fieldsOf(vendor, answer, name => variableOf(r, name));
    Object.keys(fields).forEach(name => {
        r.headersOut[name] = fields[name];
    });
    r.return(emitted, bodyOf(answer, emitted));
}

function variableOf(r, name) {
    const value = r.variables[`upstream_http_${name.split('-').join('_')}`];
    const strictest = errortax_table.strictest[name];
    return value !== undefined && strictest && ONLY_FIRST.test(r.variables.nginx_version) ? strictest : value;
}

// js_header_filter: decide whether to hold the body back, and send the header fields of the answer.
function headers(r) {
    held = null;
    if (r.status < 400) {
        return;
    }
    try {
        const vendor = vendorOfAnswer(r);
        const answer = vendor && answerTo(vendor, r.status, null);
        if (!answer) {
            return;
        }
        const fields = fieldsOf(vendor, answer, name => r.headersOut[name]);
        const readable = vendor.places.length > 0 && isPlain(r.headersOut['Content-Encoding']);
        held = {vendor: vendor, answer: answer, pieces: readable ? [] : null, length: 0};
        if (errortax_table.shadow) {
            return;
        }
        const names = [];
        for (const name in r.headersOut) {
            names.push(name);
        }
        names.forEach(name => {
            delete r.headersOut[name];
        });
        Object.keys(fields).forEach(name => {
            r.headersOut[name] = fields[name];
        });
    } catch (e) {
        held = null;
        r.error(`errortax: the error passes unchanged: ${e}`);
    }
}

// js_body_filter, with buffer_type=buffer: send the answer instead of the body.
function body(r, data, flags) {
    if (!held) {
        r.sendBuffer(data, flags);
        r.done();
        return;
    }
    held.length += data.length;
    if (held.length > MAX_BODY) {
        held.pieces = null;  // too late to pass it on: its header fields are replaced
    }
    if (held.pieces && data.length) {
        held.pieces.push(Buffer.from(data));
    }
    if (errortax_table.shadow) {
        r.sendBuffer(data, flags);
    }
    if (flags.last) {
        const text = held.pieces && Buffer.concat(held.pieces).toString();
        const answer = answerTo(held.vendor, r.status, text) || held.answer;
        if (errortax_table.shadow) {
            report(r, r.status, held.vendor.places.length ? r.status : answer.status, answer);
        } else {
            r.sendBuffer(bodyOf(answer, r.status), flags);
        }
    }
}

// Log what would be answered, without anything that the upstream wrote.
function report(r, came, emitted, answer) {
    const what = `${r.method} ${JSON.stringify(r.uri)}: ${came} would become ${emitted} ${answer.category}`;
    r.warn(`errortax: shadow: ${what} (vendor: ${answer.vendor})`);
}

// js_content: ask the internal location $errortax_upstream, and answer after its whole response. With $errortax_inspect "on",
// a documented code makes a success an error, too.
async function answer(r) {
    let reply;
    try {
        reply = await r.subrequest(r.variables.errortax_upstream, {method: r.method});
        if (isCutOff(r, reply)) {
            reply = {status: 502, headersOut: {}};  // a success that was cut off counts as an error
        }
    } catch (e) {
        r.error(`errortax: the subrequest to $errortax_upstream failed: ${e}`);
        r.return(502);
        return;
    }
    let found;
    try {
        found = translated(r, reply);
    } catch (e) {
        r.error(`errortax: the error passes unchanged: ${e}`);
    }
    if (!found) {
        pass(r, reply);
        return;
    }
    Object.keys(found.fields).forEach(name => {
        r.headersOut[name] = found.fields[name];
    });
    r.return(found.status, found.body);
}

function translated(r, reply) {
    const fails = reply.status >= 400;
    const inspected = r.variables.errortax_inspect === 'on' && reply.status >= 200 && reply.status < 300;
    if (!fails && !inspected) {
        return undefined;
    }
    const vendor = vendorOf(r);
    const buffer = reply.responseBuffer;
    if (!vendor) {
        return undefined;
    }
    const readable = buffer && buffer.length <= MAX_BODY && isPlain(reply.headersOut['Content-Encoding']);
    const text = readable ? buffer.toString() : null;
    const answer = answerTo(vendor, reply.status, text);
    if (!answer) {
        return undefined;  // a success without a documented code
    }
    if (errortax_table.shadow) {
        report(r, reply.status, answer.status, answer);
        return undefined;
    }
    const fields = fieldsOf(vendor, answer, name => reply.headersOut[name]);
    return {status: answer.status, fields: fields, body: bodyOf(answer, answer.status)};
}

function pass(r, reply) {
    const body = reply.responseBuffer;
    const isEmpty = r.method === 'HEAD' || !body || !body.length;
    for (const name in reply.headersOut) {
        const isOwn = OWN_FIELDS.indexOf(name.toLowerCase()) >= 0;
        if (!isOwn && (isEmpty || name.toLowerCase() !== 'content-length')) {
            r.headersOut[name] = reply.headersOut[name];
        }
    }
    if (!isEmpty && (reply.status < 300 || reply.status >= 400)) {
        r.return(reply.status, body);  // r.return would take a redirect's body for the address; r.send takes no bytes
        return;
    }
    r.status = reply.status;
    r.sendHeader();
    if (!isEmpty) {
        r.send(reply.responseText);
    }
    r.finish();
}

function isCutOff(r, reply) {
    const length = reply.headersOut['Content-Length'];
    return r.method !== 'HEAD' && reply.status < 300 && length !== undefined && Number(length) > (reply.responseBuffer || '').length;
}

export default {answer, body, headers, status};
