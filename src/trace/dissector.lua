-- SPDX-License-Identifier: ISC
-- Wireshark's view of fuserelay's captures: the part that is not tables.
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
local REQUEST, REPLY, NOTIFY, CHUNK, LOST, BEGIN, END, CALLER, MORE, RESULT,
	NODE = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
local PACKET_MAX = 262144	-- of a capture; 20 bytes of it are tags
local ENTRY = 16	-- OP_ENTRY
local ROOT = "1"
local flag_names = { [0x01] = "rewritten", [0x02] = "made by the relay",
	[0x04] = "dropped", [0x08] = "repaired", [0x10] = "part",
	[0x20] = "recorded before", [0x40] = "ended badly",
	[0x80] = "on macOS", [0x100] = "caller's name not certain",
	[0x200] = "spoilt", [0x400] = "result follows" }
local NOT_THE_CALL = 0x01 + 0x04 + 0x08 + 0x10 + 0x20
local AGAIN = 0x20

-- (Versions of Lua differ in their operators for bits.)
local function band(a, b)
	local r, place = 0, 1
	while a > 0 and b > 0 do
		if a % 2 == 1 and b % 2 == 1 then r = r + place end
		a, b, place = math.floor(a / 2), math.floor(b / 2), place * 2
	end
	return r
end

local f = p.fields
local opcode_names, notify_names = {}, {}
for code, op in pairs(ops) do opcode_names[code] = op.name end
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
local number = { [2] = ProtoField.uint16, [4] = ProtoField.uint32,
	[8] = ProtoField.uint64 }
local signed = { [4] = ProtoField.int32, [8] = ProtoField.int64 }
local field_serial = 0
for sname, s in pairs(structs) do
	local short = sname:gsub("^fuse_", "")
	for _, fld in ipairs(s.fields) do
		local filter = "fuserelay." .. short .. "." .. fld.name
		local make, how = number[fld.size], base.DEC
		if fld.show:match("^HEX") or fld.show:match("^FLAGS") then
			how = base.HEX
		elseif fld.show:match("^OCT") then
			how = base.OCT
		elseif fld.show:match("^INT") then
			make = signed[fld.size]
		end
		if make and fld.show ~= "PAD" and fld.show ~= "SUB" then
			fld.proto = make(filter, fld.name, how)
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

-- Linux's numbers of the errors that file systems return.
local errors = { "EPERM", "ENOENT", "ESRCH", "EINTR", "EIO", "ENXIO",
	"E2BIG", "ENOEXEC", "EBADF", "ECHILD", "EAGAIN", "ENOMEM", "EACCES",
	"EFAULT", "ENOTBLK", "EBUSY", "EEXIST", "EXDEV", "ENODEV", "ENOTDIR",
	"EISDIR", "EINVAL", "ENFILE", "EMFILE", "ENOTTY", "ETXTBSY", "EFBIG",
	"ENOSPC", "ESPIPE", "EROFS", "EMLINK", "EPIPE", "EDOM", "ERANGE",
	"EDEADLK", "ENAMETOOLONG", "ENOLCK", "ENOSYS", "ENOTEMPTY", "ELOOP",
	[61] = "ENODATA", [62] = "ETIME", [71] = "EPROTO", [75] = "EOVERFLOW",
	[95] = "EOPNOTSUPP", [103] = "ECONNABORTED", [107] = "ENOTCONN",
	[110] = "ETIMEDOUT", [116] = "ESTALE", [122] = "EDQUOT",
	[125] = "ECANCELED" }

-- What the first pass learns: by session, and by frame.
local sessions, frames = {}, {}

function p.init()
	sessions, frames = {}, {}
end

local function session_of(id)
	local s = sessions[id]
	if not s then
		s = { calls = {}, nodes = {}, names = {} }
		sessions[id] = s
	end
	return s
end

-- Words of the message in its own byte order.  A word that is not wholly
-- there is nil.
local reader = {}
reader.__index = reader

function reader:holds(off, size)
	return off + size <= self.tvb:len()
end

function reader:u(off, size)
	if not self:holds(off, size) then return nil end
	local r = self.tvb(off, size)
	return self.big and r:uint() or r:le_uint()
end

function reader:u64(off)
	if not self:holds(off, 8) then return nil end
	local r = self.tvb(off, 8)
	return self.big and r:uint64() or r:le_uint64()
end

function reader:add(tree, field, off, size)
	if not self:holds(off, size) then return nil end
	if self.big then return tree:add(field, self.tvb(off, size)) end
	return tree:add_le(field, self.tvb(off, size))
end

-- Bytes up to a NUL: the string, and where the next one begins.
function reader:name(off, last)
	local n = off
	last = math.min(last or self.tvb:len(), self.tvb:len())
	while n < last and self.tvb(n, 1):uint() ~= 0 do n = n + 1 end
	if n == off then return nil, n + 1 end
	return self.tvb(off, n - off):string(ENC_UTF_8), n + 1, n - off
end

local function bit_is_set(word, bit)
	return math.floor(word / 2 ^ bit) % 2 == 1
end

local function has(set, dialect)
	return bit_is_set(set, dialect - 1)
end

local function struct_size(h, name, len)
	local s = structs[name]
	local minor = h.minor == 0 and 45 or h.minor
	if not s then return 0 end
	if s.below and minor < s.below and
	    (not s.loose or len == s.old[h.dialect]) then
		return s.old[h.dialect]
	end
	if s.dialect == h.dialect and
	    h.granted:rshift(s.bit):band(1):tonumber() == 0 then
		return s.old[h.dialect]
	end
	return s.size[h.dialect]
end

local function flag_text(h, of, v)
	local out, named = {}, 0
	for _, row in ipairs(flags[of] or {}) do
		if has(row.dialects, h.dialect) and
		    band(v, row.mask) == row.value and
		    band(named, row.mask) ~= row.mask then
			out[#out + 1] = row.name
			named = named + row.mask - band(named, row.mask)
		end
	end
	local left = v - band(v, named)
	if left > 0 then out[#out + 1] = string.format("0x%x", left) end
	return #out > 0 and table.concat(out, "|") or "0"
end

local function add_struct(m, h, tree, name, off, last)
	local s = structs[name]
	local minor = h.minor == 0 and 45 or h.minor
	if h.dialect == 3 then minor = 45 end
	for _, fld in ipairs(s and s.fields or {}) do
		local at = off + fld.off
		if has(fld.dialects, h.dialect) and fld.since <= minor and
		    at + (fld.show == "SUB" and 1 or fld.size) <= last then
			if fld.show == "SUB" then
				local sub = tree:add(p, m.tvb(at, math.min(
					fld.size, m.tvb:len() - at)),
					fld.name)
				add_struct(m, h, sub, fld.arg, at,
					math.min(last, at + fld.size))
			elseif fld.proto then
				local item = m:add(tree, fld.proto, at,
					fld.size)
				if item and fld.show:match("^FLAGS") then
					local v = fld.size == 8 and
						m:u64(at):tonumber() or
						m:u(at, fld.size)
					item:append_text(" " .. flag_text(h,
						fld.arg, v))
				end
			end
		end
	end
end

-- Paths: a node is its parent and its name there.
local function path_of(s, node, name)
	local path, depth = name and "/" .. name or "", 0
	while node ~= ROOT and s.nodes[node] and depth < 256 do
		path = "/" .. s.nodes[node].name .. path
		node = s.nodes[node].parent
		depth = depth + 1
	end
	if node ~= ROOT then path = "#" .. node .. path end
	return path == "" and "/" or path
end

local function learn_entry(s, parent, name, node)
	if node == "0" or node == ROOT or name == nil then return end
	s.nodes[node] = { parent = parent, name = name }
	s.names[parent .. "/" .. name] = node
end

local function learn_move(s, parent, name, newparent, newname, swap)
	local from, to = parent .. "/" .. (name or ""),
		(newparent or "") .. "/" .. (newname or "")
	local node, other = s.names[from], s.names[to]
	if not name or not newname or not newparent then return end
	s.names[from] = nil
	if node then learn_entry(s, newparent, newname, node) end
	if swap and other then learn_entry(s, parent, name, other) end
end

local has_path = { NAME = true, NAMES = true, TARGET = true }

local function add_names(m, tree, op, off, last)
	local name, next_off, len = m:name(off, last)
	local second
	if op.tail == "NONE" or op.tail == "DATA" or op.tail == "RECORDS" or
	    op.tail == "INIT" or not name then
		return nil, nil
	end
	tree:add(f.name, m.tvb(off, len), name)
	if op.tail == "NAMES" or op.tail == "TARGET" then
		local at = next_off
		second, next_off, len = m:name(at, last)
		if second then
			tree:add(op.tail == "TARGET" and f.target or f.name,
				m.tvb(at, len), second)
		end
	end
	return name, second, next_off
end

-- The directory that a RENAME or the like goes to; does it swap the two?
local function where_to(m, op, size)
	if op and op.name == "EXCHANGE" then return m:u64(48), true end
	return m:u64(40), op and op.tail == "NAMES" and size == 16 and
		bit_is_set(m:u(48, 4) or 0, 1)
end

local function dissect_request(m, h, pinfo, tree, fr)
	local code, s = m:u(4, 4), session_of(h.session)
	local op = ops[code]
	local node = tostring(m:u64(16) or 0)
	local last = m.tvb:len()
	local is_call = band(h.flags, NOT_THE_CALL) == 0
	m:add(tree, f.len, 0, 4)
	-- (Whoever counts by the opcode is to count each request once.)
	m:add(tree, is_call and f.opcode or f.changed, 4, 4)
	m:add(tree, f.unique, 8, 8)
	m:add(tree, f.nodeid, 16, 8)
	m:add(tree, f.uid, 24, 4)
	m:add(tree, f.gid, 28, 4)
	m:add(tree, f.pid, 32, 4)
	m:add(tree, f.extlen, 36, 2)
	local opname = op and op.name or "OP(" .. tostring(code) .. ")"
	tree:add(f.op, opname):set_generated()
	local name, second, size
	if op then
		size = op.tail == "INIT" and last - 40 or
			struct_size(h, op.fixed, last - 40)
		local hh = op.tail == "INIT" and setmetatable({ minor = 0 },
			{ __index = h }) or h
		add_struct(m, hh, tree, op.fixed, 40, math.min(40 + size,
			last))
		name, second = add_names(m, tree, op, 40 + size, last)
		if op.tail == "DATA" and last > 40 + size then
			tree:add(f.data, m.tvb(40 + size))
		end
	end
	if not pinfo.visited then
		fr.opname = opname
		if node ~= "0" then
			fr.path = path_of(s, node, op and has_path[op.tail] and
				name)
		end
		fr.comm = s.comm and s.comm[m:u(32, 4)]
		local unique = tostring(m:u64(8) or 0)
		if is_call or (band(h.flags, NOT_THE_CALL) == AGAIN and
		    not s.calls[unique]) then
			local newdir, swap = where_to(m, op, size)
			s.calls[unique] = {
				frame = pinfo.number, time = h.mono,
				code = code, node = node, name = name,
				second = second, path = fr.path,
				newdir = newdir and tostring(newdir),
				swap = swap }
		end
	end
	pinfo.cols.info = opname .. " " .. (fr.path or "")
	if second and op.tail == "NAMES" then
		pinfo.cols.info:append(" -> " .. second)
	end
	if fr.path then tree:add(f.path, fr.path):set_generated() end
	if fr.comm then tree:add(f.comm, fr.comm):set_generated() end
	if fr.reply then tree:add(f.reply_in, fr.reply):set_generated() end
end

local function add_dirents(m, h, tree, plus, s, parent)
	local off, entry = 16, plus and struct_size(h, "fuse_entry_out") or 0
	while m:holds(off, entry + 24) do
		local len = m:u(off + entry + 16, 4)
		local size = math.floor((entry + 24 + len + 7) / 8) * 8
		if len == 0 or not m:holds(off, entry + 24 + len) then break end
		local name = m.tvb(off + entry + 24, len):string(ENC_UTF_8)
		local sub = tree:add(p, m.tvb(off, math.min(size,
			m.tvb:len() - off)), "Entry: " .. name)
		if plus then
			add_struct(m, h, sub, "fuse_entry_out", off,
				off + entry)
			if s and name ~= "." and name ~= ".." then
				learn_entry(s, parent, name,
					tostring(m:u64(off)))
			end
		end
		add_struct(m, h, sub, "fuse_dirent", off + entry,
			off + entry + 24)
		sub:add(f.name, m.tvb(off + entry + 24, len), name)
		off = off + size
	end
end

-- A reply without error: its struct, or what else it is.
local function add_answer(m, h, tree, op, s, node)
	local last = m.tvb:len()
	if op.reply == "DIRENTS" or op.reply == "DIRENTSPLUS" then
		add_dirents(m, h, tree, op.reply == "DIRENTSPLUS", s, node)
	elseif op.reply == "TARGET" then
		if last > 16 then
			tree:add(f.target, m.tvb(16), m.tvb(16):string(ENC_UTF_8))
		end
	elseif op.reply == "DATA" or ((op.reply == "XATTR" or
	    op.reply == "XLIST") and h.original ~= 24) then
		if last > 16 then tree:add(f.data, m.tvb(16)) end
	else
		local hh = op.reply == "INIT" and setmetatable({ minor = 0 },
			{ __index = h }) or h
		local size = op.reply == "INIT" and last - 16 or
			struct_size(h, op.out)
		add_struct(m, hh, tree, op.out, 16, math.min(16 + size, last))
		if op.reply == "CREATED" then
			add_struct(m, h, tree, "fuse_open_out", 16 + size,
				math.min(32 + size, last))
		end
	end
end

local function learn_reply(m, s, call, op)
	if band(op.flags, ENTRY) ~= 0 and op.name ~= "TMPFILE" then
		learn_entry(s, call.node, call.name, tostring(m:u64(16) or 0))
	elseif op.tail == "NAMES" then
		learn_move(s, call.node, call.name, call.newdir, call.second,
			call.swap)
	elseif op.name == "UNLINK" or op.name == "RMDIR" then
		s.names[call.node .. "/" .. (call.name or "")] = nil
	end
end

local function reply_first_pass(m, h, pinfo, fr)
	local s = session_of(h.session)
	local unique = tostring(m:u64(8) or 0)
	local call = s.calls[unique]
	fr.code = h.opcode ~= 0 and h.opcode or (call and call.code)
	if not call or band(h.flags, NOT_THE_CALL) ~= 0 then return end
	s.calls[unique] = nil
	fr.code, fr.request, fr.path = call.code, call.frame, call.path
	fr.node = call.node
	local dt = h.mono - call.time
	fr.time = NSTime.new((dt / 1000000000):tonumber(),
		(dt % 1000000000):tonumber())
	if frames[call.frame] then frames[call.frame].reply = pinfo.number end
	local op = ops[call.code]
	if op and m:u(4, 4) == 0 then learn_reply(m, s, call, op) end
	fr.learn = s
end

local function dissect_reply(m, h, pinfo, tree, fr)
	if not pinfo.visited then reply_first_pass(m, h, pinfo, fr) end
	m:add(tree, f.len, 0, 4)
	local item = m:add(tree, f.errno, 4, 4)
	m:add(tree, f.unique, 8, 8)
	local op = ops[fr.code]
	local word = m:u(4, 4) or 0
	local num = word == 0 and 0 or 4294967296 - word
	local result = num == 0 and "" or "-" .. (errors[num] or num)
	if num ~= 0 and item then
		item:append_text(" (" .. (errors[num] or "?") .. ")")
		item:add_proto_expert_info(ex.failed)
	end
	if op then
		tree:add(f.op, op.name):set_generated()
		if num == 0 then
			add_answer(m, h, tree, op, not pinfo.visited and
				fr.learn, fr.node)
			result = h.original > 16 and
				(h.original - 16) .. " bytes" or "OK"
		end
	end
	pinfo.cols.info = (op and op.name or "Reply") .. " = " .. result ..
		(fr.path and "  " .. fr.path or "")
	if fr.path then tree:add(f.path, fr.path):set_generated() end
	if fr.request then
		tree:add(f.request_in, fr.request):set_generated()
	end
	if fr.time then tree:add(f.time, fr.time):set_generated() end
end

local function dissect_notify(m, h, pinfo, tree)
	local code = m:u(4, 4) or 0
	local row = notifications[code]
	m:add(tree, f.len, 0, 4)
	m:add(tree, f.notify, 4, 4)
	pinfo.cols.info = "NOTIFY_" .. (row and row.name or code)
	if not row then return end
	local size = struct_size(h, row.fixed)
	local last = m.tvb:len()
	add_struct(m, h, tree, row.fixed, 16, math.min(16 + size, last))
	if row.tail == "NAME" then
		local name, _, len = m:name(16 + size, last)
		if name then
			tree:add(f.name, m.tvb(16 + size, len), name)
			pinfo.cols.info:append(" " .. name)
		end
	end
end

-- A node that an earlier file of the capture named.
local function dissect_node(m, h, pinfo, tree)
	local s, node = session_of(h.session), tostring(m:u64(0) or 0)
	if not m:holds(32, 1) then return end
	local name = m.tvb(32):string(ENC_UTF_8)
	m:add(tree, f.nodeid, 0, 8)
	tree:add(f.name, m.tvb(32), name)
	if not pinfo.visited and not s.nodes[node] then
		local parent = tostring(m:u64(8))
		s.nodes[node] = { parent = parent, name = name }
		if m:u(24, 4) == 0 then s.names[parent .. "/" .. name] = node end
	end
	pinfo.cols.info = "Node " .. node .. " is " .. path_of(s, node)
end

-- What the kernel said to a notification; m is that.
local function dissect_result(m, h, pinfo, tree, head)
	local num = head(40, 4):uint()
	dissect_notify(m, h, pinfo, tree)
	local item = tree:add(f.errno, head(40, 4), -num)
	if num ~= 0 then item:add_proto_expert_info(ex.failed) end
	pinfo.cols.info:append(" = " .. (num == 0 and "OK" or
		"-" .. (errors[num] or num)))
end

local function dissect_mark(m, h, pinfo, tree)
	local s = session_of(h.session)
	if h.kind == LOST then
		m:add(tree, f.lost, 0, 8)
		pinfo.cols.info = "Records lost: " .. tostring(m:u64(0))
	elseif h.kind == CALLER then
		local pid, name = m:u(0, 4), m:holds(4, 1) and
			m.tvb(4):string(ENC_UTF_8) or ""
		m:add(tree, f.pid, 0, 4)
		if m:holds(4, 1) then tree:add(f.comm, m.tvb(4), name) end
		pinfo.cols.info = "Process " .. tostring(pid or "?") ..
			" is " .. name
		if pid and not pinfo.visited then
			for _, any in pairs(sessions) do
				any.comm = any.comm or {}
				any.comm[pid] = name
			end
			s.comm = s.comm or {}
			s.comm[pid] = name
		end
	elseif h.kind == CHUNK then
		pinfo.cols.info = "Read of " .. h.original .. " bytes at " ..
			tostring(h.offset)
	elseif h.kind == MORE then
		pinfo.cols.info = m.tvb:len() .. " more bytes of a message, " ..
			"from its byte " .. tostring(h.offset) .. " on"
	else
		local text = m.tvb:len() > 0 and m.tvb():string(ENC_UTF_8) or ""
		if m.tvb:len() > 0 then tree:add(f.text, m.tvb(), text) end
		pinfo.cols.info = (kinds[h.kind] or "?") .. ": " .. text
	end
end

local function dissect_head(tvb, tree)
	local h = { kind = tvb(1, 1):uint(), big = tvb(3, 1):uint() == 1,
		size = tvb(4, 2):uint(), flags = tvb(6, 2):uint(),
		session = tvb(8, 4):uint(), original = tvb(12, 4):uint(),
		mono = tvb(16, 8):uint64(), offset = tvb(24, 8):uint64(),
		dialect = math.max(tvb(44, 1):uint(), 1),
		minor = tvb(45, 1):uint(), opcode = tvb(46, 2):uint(),
		granted = tvb(48, 8):uint64() }
	if h.dialect > 3 then h.dialect = 1 end
	local sub = tree:add(p, tvb(0, math.min(h.size, tvb:len())), "Record")
	sub:add(f.kind, tvb(1, 1))
	sub:add(f.dir, tvb(2, 1))
	local item = sub:add(f.flags, tvb(6, 2))
	for value, name in pairs(flag_names) do
		if band(h.flags, value) ~= 0 then
			item:append_text(" " .. name)
		end
	end
	if band(h.flags, 0x0d) ~= 0 then
		item:add_proto_expert_info(ex.relay)
	end
	sub:add(f.session, tvb(8, 4))
	sub:add(f.original, tvb(12, 4))
	sub:add(f.offset, tvb(24, 8))
	sub:add(f.pieces, tvb(32, 4))
	sub:add(f.first, tvb(36, 4))
	sub:add(f.index, tvb(40, 4))
	return h, sub
end

function p.dissector(tvb, pinfo, root)
	if tvb:len() < 56 or tvb(0, 1):uint() ~= 1 then return 0 end
	local tree = root:add(p, tvb())
	local h, sub = dissect_head(tvb, tree)
	if h.size < 56 or h.size > tvb:len() then
		tree:add_proto_expert_info(ex.short)
		return tvb:len()
	end
	local fr = frames[pinfo.number]
	if not fr then
		fr = {}
		frames[pinfo.number] = fr
	end
	local rest = tvb:len() - h.size
	local m = setmetatable({ big = h.big, tvb = rest > 0 and
		tvb(h.size):tvb() or tvb(0, 0):tvb() }, reader)
	pinfo.cols.protocol = "FUSE"
	if rest < h.original and h.kind ~= CHUNK and h.kind ~= MORE and
		tvb:len() < PACKET_MAX - 20 then
		sub:add(f.cut, h.original - rest):set_generated()
	end
	if h.kind == REQUEST and rest >= 40 then
		dissect_request(m, h, pinfo, tree, fr)
	elseif h.kind == REPLY and rest >= 16 then
		dissect_reply(m, h, pinfo, tree, fr)
	elseif h.kind == NOTIFY and rest >= 16 then
		dissect_notify(m, h, pinfo, tree)
	elseif h.kind == NODE then
		dissect_node(m, h, pinfo, tree)
	elseif h.kind == RESULT and rest >= 16 then
		dissect_result(m, h, pinfo, tree, tvb)
	elseif h.kind > NOTIFY then
		dissect_mark(m, h, pinfo, tree)
	else
		tree:add_proto_expert_info(ex.short)
	end
	return tvb:len()
end
