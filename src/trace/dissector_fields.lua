-- SPDX-License-Identifier: ISC
-- Wireshark's view of fuserelay's captures: the names of things.
--
-- Records come as exported PDUs for the dissector "fuserelay", each with a
-- header that tells what is needed to read the message by itself: dialect,
-- minor, granted flags, and for a reply the operation that it answers.
-- What links records (request and reply, paths of nodes) is learnt on the
-- first pass, in the order of the file.

local p = Proto("fuserelay", "FUSE messages as seen by fuserelay")
local kinds = { [1] = "Request", [2] = "Reply", [3] = "Notification",
	[4] = "Read of the stream", [5] = "Records lost", [6] = "Begin",
	[7] = "End", [8] = "Caller", [9] = "More", [10] = "Result",
	[11] = "Node" }
local REQUEST, REPLY, NOTIFY, CHUNK, LOST, CALLER, MORE, RESULT, NODE =
	1, 2, 3, 4, 5, 8, 9, 10, 11
local PACKET_MAX = 262144	-- of a capture; 20 bytes of it are tags
local HEAD_SIZE = 56		-- of a record, at least
local REQUEST_HEAD, REPLY_HEAD = 40, 16
local NEWEST = 45		-- minor; also while INIT is not done
local DARWIN3 = 3

local floor, format, find, sub = math.floor, string.format, string.find,
	string.sub
local unpack = Struct.unpack

-- Each packet leaves some fifty dead objects of Wireshark's.  Freed while
-- the processor's cache still has them they cost a third of what they cost
-- later, and Lua would let as many gather as what lives takes.
collectgarbage("setpause", 110)
collectgarbage("setstepmul", 100000)

-- (Versions of Lua differ in their operators for bits.)
local function band(a, b)
	local r, place = 0, 1
	while a > 0 and b > 0 do
		if a % 2 == 1 and b % 2 == 1 then r = r + place end
		a, b, place = floor(a / 2), floor(b / 2), place * 2
	end
	return r
end

local function bit_is_set(word, bit)
	return floor(word / 2 ^ bit) % 2 == 1
end

local function has(set, dialect)
	return bit_is_set(set, dialect - 1)
end

local f = p.fields
local opcode_names, notify_names = {}, {}
for code, op in pairs(ops) do
	opcode_names[code] = op.name
	op.is_entry = bit_is_set(op.flags, 4)	-- OP_ENTRY
	op.has_path = op.tail == "NAME" or op.tail == "NAMES" or
		op.tail == "TARGET"
	op.has_name = op.has_path or op.tail == "ANYNAME" or
		op.tail == "XNAME" or op.tail == "XVALUE"
end
for code, n in pairs(notifications) do notify_names[code] = n.name end
f.kind = ProtoField.uint8("fuserelay.kind", "Kind", base.DEC, kinds)
f.dir = ProtoField.uint8("fuserelay.dir", "Direction", base.DEC,
	{ [0] = "to the daemon", [1] = "to the front" })
f.flags = ProtoField.uint16("fuserelay.flags", "Flags", base.HEX)
f.session = ProtoField.uint32("fuserelay.session", "Session")
f.original = ProtoField.uint32("fuserelay.original_length",
	"Length of the message")
f.offset = ProtoField.uint64("fuserelay.offset", "Offset in the stream")
f.pieces = ProtoField.uint32("fuserelay.pieces", "Pieces")
f.first = ProtoField.uint32("fuserelay.first", "Bytes of the first piece")
f.index = ProtoField.uint32("fuserelay.index", "Message of its read")
f.cut = ProtoField.uint32("fuserelay.left_out", "Bytes not in the capture")
f.len = ProtoField.uint32("fuserelay.len", "Length word")
f.opcode = ProtoField.uint32("fuserelay.opcode", "Operation", base.DEC,
	opcode_names)
f.changed = ProtoField.uint32("fuserelay.changed_opcode",
	"Operation, as changed by the relay", base.DEC, opcode_names)
f.op = ProtoField.string("fuserelay.op", "Operation")
f.notify = ProtoField.uint32("fuserelay.notify", "Notification", base.DEC,
	notify_names)
f.unique = ProtoField.uint64("fuserelay.unique", "Unique")
f.nodeid = ProtoField.uint64("fuserelay.nodeid", "Node")
f.uid = ProtoField.uint32("fuserelay.uid", "User id")
f.gid = ProtoField.uint32("fuserelay.gid", "Group id")
f.pid = ProtoField.uint32("fuserelay.pid", "Process id")
f.comm = ProtoField.string("fuserelay.comm", "Caller")
f.extlen = ProtoField.uint16("fuserelay.extlen", "Extensions (8 bytes each)")
f.errno = ProtoField.int32("fuserelay.errno", "Error")
f.path = ProtoField.string("fuserelay.path", "Path")
f.name = ProtoField.string("fuserelay.name", "Name")
f.target = ProtoField.string("fuserelay.target", "Target")
f.data = ProtoField.bytes("fuserelay.data", "Data")
f.text = ProtoField.string("fuserelay.text", "Text")
f.lost = ProtoField.uint64("fuserelay.lost", "Records lost")
f.reply_in = ProtoField.framenum("fuserelay.reply_in", "Reply in",
	base.NONE, frametype.RESPONSE)
f.request_in = ProtoField.framenum("fuserelay.request_in", "Request in",
	base.NONE, frametype.REQUEST)
f.time = ProtoField.relative_time("fuserelay.time", "Response time")

-- A field of Wireshark for each field of a struct.
local unsigned = { [2] = ProtoField.uint16, [4] = ProtoField.uint32,
	[8] = ProtoField.uint64 }
local signed = { [4] = ProtoField.int32, [8] = ProtoField.int64 }
local field_serial = 0
for sname, s in pairs(structs) do
	local short = sname:gsub("^fuse_", "")
	for _, fld in ipairs(s.fields) do
		local filter = "fuserelay." .. short .. "." .. fld.name
		local make, how = unsigned[fld.size], base.DEC
		if fld.show:match("^HEX") or fld.show:match("^FLAGS") then
			how = base.HEX
		elseif fld.show:match("^OCT") then
			how = base.OCT
		elseif fld.show:match("^INT") then
			make = signed[fld.size]
		end
		if make and fld.show ~= "PAD" and fld.show ~= "SUB" then
			fld.proto = make(filter, fld.name, how)
			fld.is_flags = fld.show:match("^FLAGS") ~= nil
			fld.bit = fld.show:match("_IF$") and tonumber(fld.arg)
			field_serial = field_serial + 1
			f["struct" .. field_serial] = fld.proto
		end
	end
end

local ex = {
	short = ProtoExpert.new("fuserelay.short", "Message is shorter than "
		.. "its length word", expert.group.MALFORMED,
		expert.severity.ERROR),
	failed = ProtoExpert.new("fuserelay.failed", "The call failed",
		expert.group.RESPONSE_CODE, expert.severity.NOTE),
	relay = ProtoExpert.new("fuserelay.by_relay", "Not what the peer sent, "
		.. "or not passed on", expert.group.PROTOCOL,
		expert.severity.WARN),
}
p.experts = { ex.short, ex.failed, ex.relay }

-- What the flags of a record say, by their number.
local flag_names = { { 0x01, "rewritten" }, { 0x02, "made by the relay" },
	{ 0x04, "dropped" }, { 0x08, "repaired" }, { 0x10, "part" },
	{ 0x20, "recorded before" }, { 0x40, "ended badly" },
	{ 0x80, "on macOS" }, { 0x100, "caller's name not certain" },
	{ 0x200, "spoilt" }, { 0x400, "result follows" } }

local flag_sets = setmetatable({}, { __index = function(t, flags)
	local set = { text = "" }
	for _, row in ipairs(flag_names) do
		if band(flags, row[1]) ~= 0 then
			set.text = set.text .. " " .. row[2]
		end
	end
	set.is_part = band(flags, 0x10) ~= 0
	-- As the front sent it, once: whoever counts by the opcode is to
	-- count each request once.
	set.is_call = band(flags, 0x3d) == 0
	-- What the daemon gets of a request that was recorded before.
	set.is_inner = band(flags, 0x11) ~= 0
	-- Maybe a further record of a request that is in flight.
	set.is_again = band(flags, 0x31) ~= 0
	set.errors = error_names[band(flags, 0x80) ~= 0 and "darwin" or
		"linux"]
	set.is_doubtful = band(flags, 0x100) ~= 0
	-- The reply that the call ends with.
	set.is_end = band(flags, 0x0d) == 0
	set.is_odd = band(flags, 0x0d) ~= 0
	t[flags] = set
	return set
end })

-- The names in a word of flags: of a table, in a dialect.
local function flag_names_of(of, dialect, v)
	local out, named = {}, 0
	for _, row in ipairs(flags[of] or {}) do
		if has(row.dialects, dialect) and
		    band(v, row.mask) == row.value and
		    band(named, row.mask) ~= row.mask then
			out[#out + 1] = row.name
			named = named + row.mask - band(named, row.mask)
		end
	end
	local left = v - band(v, named)
	if left > 0 then out[#out + 1] = format("0x%x", left) end
	return " " .. (#out > 0 and table.concat(out, "|") or "0")
end

-- A file shows few such words, each many times.
local TEXTS_MAX = 1000
local flag_texts, flag_text_count = {}, 0

local function flag_text(of, dialect, v)
	local key = v * 4 + dialect
	local texts = flag_texts[of]
	if not texts then
		texts = {}
		flag_texts[of] = texts
	end
	if texts[key] then return texts[key] end
	local text = flag_names_of(of, dialect, v)
	if flag_text_count < TEXTS_MAX then
		texts[key] = text
		flag_text_count = flag_text_count + 1
	end
	return text
end

-- Fields of a struct that the line about a message tells.
local TOLD = { offset = true, size = true, length = true, len = true,
	off = true, off_in = true, off_out = true }

-- A struct as it is in a dialect and minor: its fields, what is told of it,
-- and where in it a size of a file is.
local layouts = {}

local function layout(name, dialect, minor)
	if dialect == DARWIN3 or minor == 0 then minor = NEWEST end
	local all = layouts[name]
	if not all then
		all = {}
		layouts[name] = all
	end
	local key = minor * 4 + dialect
	if all[key] then return all[key] end
	local l = { told = {} }
	for _, fld in ipairs(structs[name] and structs[name].fields or {}) do
		local is_sub = fld.show == "SUB"
		if has(fld.dialects, dialect) and fld.since <= minor and
		    (is_sub or fld.proto) then
			l[#l + 1] = fld
			if TOLD[fld.name] then l.told[#l.told + 1] = fld end
			if fld.name == "size" then l.size = fld.off end
			local of = is_sub and layout(fld.arg, dialect, minor)
			if of and of.size then l.size = fld.off + of.size end
		end
	end
	all[key] = l
	return l
end
