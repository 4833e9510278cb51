-- Translates upstreams' errors in OpenResty, Kong and APISIX, with the table that `errortax export lua` writes.
--
-- `translate` is pure: from status, header fields and body it makes the answer. The others are thin bindings:
--
-- - header_filter(vendor) with body_filter(): successes stream, errors are held back up to 256 KiB. The header fields are
--   sent before the body is known. If the code is in the body, the status therefore follows from the upstream's status alone.
-- - content(vendor, location): a subrequest reads the whole response, error or success, into memory, so the status is right.
--   A request with a method that nginx does not know (PURGE, QUERY, REPORT) is not sent, and gets a 501.
-- - kong_response(vendor): for the `response` phase of a Kong plugin, where Kong reads the whole response itself.
--
-- Works with LuaJIT and Lua 5.1. No other library is needed.

local tables = require("errortax_table")
local vendors, answers = tables.vendors, tables.answers

local MAX_BODY = 262144
local MAX_FIELD = 256
local MAX_LIST = 4096 -- for the fields in STRICTEST
local STRICTEST = tables.strictest -- instead of a longer list: each part may forbid something
local MAX_DEPTH = 100
local DATE = "^%u%l%l, %d%d %u%l%l %d%d%d%d %d%d:%d%d:%d%d GMT$"
local OWN_FIELDS = {connection = true, date = true, ["keep-alive"] = true, server = true, ["transfer-encoding"] = true}
local METHODS = { -- for any other method ngx.location.capture would send GET
    COPY = true, DELETE = true, GET = true, HEAD = true, LOCK = true, MKCOL = true, MOVE = true, OPTIONS = true, PATCH = true,
    POST = true, PROPFIND = true, PROPPATCH = true, PUT = true, TRACE = true, UNLOCK = true,
}
local LITERALS = {["true"] = true, ["false"] = false}
local ESCAPES = {b = "\b", f = "\f", n = "\n", r = "\r", t = "\t"}

local M = {}

-- A small JSON reader in linear time: cjson is not always there, and its versions accept different texts.

local function fail()
    error("not JSON", 0)
end

local function skip(text, at)
    return text:find("[^ \t\r\n]", at) or #text + 1
end

local function unescape(letter, digits)
    if letter ~= "u" then
        return (ESCAPES[letter] or letter) .. digits
    end
    local number = tonumber(digits, 16) or fail()
    return number < 128 and string.char(number) or "\255" -- codes and the names in places are ASCII
end

local function read_text(text, start)
    local at = start
    while true do
        at = text:find('["\\]', at) or fail()
        if text:byte(at) == 34 then
            break
        end
        at = at + 2
    end
    local raw = text:sub(start, at - 1)
    if raw:find("\\", 1, true) then
        raw = raw:gsub("\\(.)(%x?%x?%x?%x?)", unescape)
    end
    return raw, at + 1
end

local read

local function read_items(text, at, depth, closing, read_item)
    local items = {}
    at = skip(text, at)
    if text:sub(at, at) == closing then
        return items, at + 1
    end
    while true do
        at = skip(text, read_item(items, text, skip(text, at), depth))
        local mark = text:sub(at, at)
        at = at + 1
        if mark == closing then
            return items, at
        elseif mark ~= "," then
            fail()
        end
    end
end

local function read_member(object, text, at, depth)
    if text:sub(at, at) ~= '"' then
        fail()
    end
    local name
    name, at = read_text(text, at + 1)
    at = skip(text, at)
    if text:sub(at, at) ~= ":" then
        fail()
    end
    object[name], at = read(text, at + 1, depth)
    return at
end

local function read_element(list, text, at, depth)
    list.n = (list.n or 0) + 1 -- null leaves a hole
    list[list.n], at = read(text, at, depth)
    return at
end

function read(text, at, depth)
    at = skip(text, at)
    local first = text:sub(at, at)
    if first == "{" or first == "[" then
        if depth >= MAX_DEPTH then
            fail()
        elseif first == "{" then
            return read_items(text, at + 1, depth + 1, "}", read_member)
        end
        return read_items(text, at + 1, depth + 1, "]", read_element)
    elseif first == '"' then
        return read_text(text, at + 1)
    end
    local word = text:match("^%l+", at)
    if word then
        if word ~= "null" and LITERALS[word] == nil then
            fail()
        end
        return LITERALS[word], at + #word
    end
    local number = text:match("^-?%d+%.?%d*[eE]?[+-]?%d*", at) or fail()
    return tonumber(number) or fail(), at + #number
end

local function decode(text)
    local _, mark = text:find("^\239\187\191")
    local document, at = read(text, (mark or 0) + 1, 0)
    if skip(text, at) <= #text then
        fail()
    end
    return document
end

-- Find the answer to a code or a status.

local function member_at(document, place)
    for _, token in ipairs(place) do
        if type(document) ~= "table" then
            return nil
        end
        local index = tonumber(token)
        document = document[token] or (index and document[index + 1])
    end
    return document
end

local function number_of_code(vendor, body)
    if not body or #vendor.places == 0 then
        return nil
    end
    local is_json, document = pcall(decode, body)
    for _, place in ipairs(is_json and vendor.places or {}) do
        local code = member_at(document, place)
        if type(code) == "string" then
            local number = vendor.codes[code] or (vendor.hyphen_underscore_alike and vendor.codes[(code:gsub("_", "-"))])
            if number then
                return number
            end
        end
    end
    return nil
end

local function answer_to(vendor, status, body)
    local text = tostring(status)
    local number = number_of_code(vendor, body) or vendor.statuses[text] or vendor.statuses[text:sub(1, 1) .. "xx"]
    return number and answers[number + 1] -- numbers begin at 0, lists at 1
end

local function lowered(headers)
    local fields = {}
    for name, value in pairs(headers) do
        fields[name:lower()] = type(value) == "table" and table.concat(value, ", ") or tostring(value)
    end
    return fields
end

local function is_plain(coding)
    return not coding or coding == "" or coding == "identity"
end

local function wait_of(vendor, answer, upstream)
    if not answer.wait then
        return nil
    end
    local names = {unpack(tables.delays)}
    for _, name in ipairs(answer.limited and vendor.resets or {}) do
        names[#names + 1] = name
    end
    for _, name in ipairs(names) do
        local value = upstream[name]
        if value and ((#value <= 8 and value:find("^%d+$")) or value:find(DATE)) then
            return value
        end
    end
    return answer.wait > 0 and tostring(answer.wait) or nil
end

local function fields_of(vendor, answer, upstream)
    local fields = {}
    for _, name in ipairs(vendor.fields) do
        local value = upstream[name]
        if value then
            fields[name] = #value <= (STRICTEST[name] and MAX_LIST or MAX_FIELD) and value or STRICTEST[name]
        end
    end
    for name, value in pairs(answer.headers) do
        fields[name] = value
    end
    fields["retry-after"] = wait_of(vendor, answer, upstream)
    return fields
end

local function vendor_called(name)
    local vendor = vendors[name or "http"]
    if vendor then
        return vendor
    end
    local names = {}
    for known in pairs(vendors) do
        names[#names + 1] = known
    end
    table.sort(names)
    error("no vendor '" .. tostring(name) .. "' in the table; choose one of " .. table.concat(names, ", "), 0)
end

-- Return {status, headers, body}, or nil if the response shall pass unchanged. With `inspect`, a documented code makes a
-- success an error, too. `body` may be nil. Raise an error for an unknown vendor.
function M.translate(name, status, headers, body, inspect)
    if status < 400 and not (inspect and status >= 200 and status < 300) then
        return nil
    end
    local vendor, upstream = vendor_called(name), lowered(headers)
    local readable = body and #body <= MAX_BODY and is_plain(upstream["content-encoding"])
    local answer = answer_to(vendor, status, readable and body or nil)
    if not answer then
        return nil -- a success without a documented code
    end
    local text, fields = table.concat(answer.body, tostring(answer.status)), fields_of(vendor, answer, upstream)
    return {status = answer.status, headers = fields, body = text, vendor = answer.vendor, category = answer.category}
end

-- Call a function; after a fault of ours or of the configuration, log it and let the response pass.
local function guarded(...)
    local done, result = pcall(...)
    if done then
        return result
    end
    ngx.log(ngx.ERR, "errortax: the error passes unchanged: ", result)
    return nil
end

-- Log what would be answered, without anything that the upstream wrote.
local function report(came, emitted, answer)
    local line = "errortax: shadow: %s %q: %d would become %d %s (vendor: %s)"
    local path = ngx.var.uri:gsub("%c", "?")
    ngx.log(ngx.WARN, line:format(ngx.req.get_method(), path, came, emitted, answer.category, answer.vendor))
end

-- Return the answer to send, or nil if the response shall pass: with a table for shadow mode, every one passes.
local function decided(name, status, ...)
    local answer = M.translate(name, status, ...)
    if answer and tables.shadow then
        report(status, answer.status, answer)
        return nil
    end
    return answer
end

-- OpenResty, and gateways that are built on it.

local function held_by_status(name, status, upstream)
    local vendor = vendor_called(name)
    local answer = answer_to(vendor, status, nil)
    if not answer then
        return nil
    end
    local readable = #vendor.places > 0 and is_plain(upstream["content-encoding"])
    return {
        vendor = vendor, answer = answer, came = status, pieces = readable and {} or nil, length = 0,
        fields = fields_of(vendor, answer, upstream),
    }
end

-- Decide whether to hold the body back, and send the header fields of the answer.
function M.header_filter(name)
    ngx.ctx.errortax = nil
    if ngx.status < 400 then
        return
    end
    local came = ngx.resp.get_headers(0, true)
    if (ngx.var.upstream_status or "") == "" and vendors.http then
        name = "http" -- nginx itself refused the request: no upstream was asked
    end
    local held = guarded(held_by_status, name, ngx.status, lowered(came))
    if not held then
        return
    end
    ngx.ctx.errortax = held
    if tables.shadow then
        return
    end
    for field in pairs(came) do
        if field:lower() ~= "connection" then
            ngx.header[field] = nil
        end
    end
    for field, value in pairs(held.fields) do
        ngx.header[field] = value
    end
    ngx.status = held.answer.status
end

-- Send the answer instead of the body.
function M.body_filter()
    local held = ngx.ctx.errortax
    if not held then
        return
    end
    local piece, last = ngx.arg[1] or "", ngx.arg[2]
    held.length = held.length + #piece
    if held.length > MAX_BODY then
        held.pieces = nil -- too late to pass it on: its header fields are replaced
    end
    if held.pieces and piece ~= "" then
        held.pieces[#held.pieces + 1] = piece
    end
    if not tables.shadow then
        ngx.arg[1] = nil
    end
    if last then
        local body = held.pieces and table.concat(held.pieces)
        local answer = guarded(answer_to, held.vendor, held.came, body) or held.answer
        if tables.shadow then
            guarded(report, held.came, held.answer.status, answer)
        else
            ngx.arg[1] = table.concat(answer.body, tostring(held.answer.status))
        end
    end
end

-- Ask the internal location, and answer after its whole response.
function M.content(name, location, inspect)
    local method = ngx.req.get_method()
    ngx.req.read_body()
    local options = {method = ngx["HTTP_" .. method], always_forward_body = true, share_all_vars = true}
    local reply = METHODS[method] and ngx.location.capture(location, options) or {status = 501, header = {}, body = ""}
    if reply.truncated and reply.status < 400 and method ~= "HEAD" then
        reply = {status = 502, header = {}, body = ""} -- a success that was cut off counts as an error
    end
    local answer = guarded(decided, name, reply.status, reply.header, reply.body, inspect)
    answer = answer or {status = reply.status, headers = reply.header, body = reply.body}
    ngx.status = answer.status
    for field, value in pairs(answer.headers) do
        if not OWN_FIELDS[field:lower()] then
            ngx.header[field] = value
        end
    end
    if answer.status == 204 or answer.status == 304 then
        return ngx.exit(ngx.OK)
    end
    if not (method == "HEAD" and answer.body == reply.body) then
        ngx.header["Content-Length"] = #answer.body
    end
    ngx.print(answer.body)
end

-- For the `response` phase of a Kong plugin; the header fields are set by then.
function M.kong_response(name, inspect)
    local response, service = kong.response, kong.service.response
    local status = service.get_status()
    if not status then
        return nil -- Kong itself has answered
    end
    local answer = guarded(decided, name, status, service.get_headers(), service.get_raw_body(), inspect)
    if not answer then
        return nil
    end
    for field in pairs(response.get_headers()) do
        if not OWN_FIELDS[field:lower()] then
            response.clear_header(field)
        end
    end
    return response.exit(answer.status, answer.body, answer.headers)
end

return M
