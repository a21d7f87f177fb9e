-- SPDX-License-Identifier: ISC
-- What a message says, and what the first pass learns from it.

-- How to read words in either byte order: form.u32 and so on, of a record's
-- own header and of what follows it.
local RECORD = ">BBBBI2I2I4I4I4I4I4I4I4I4I4BBI2I4I4"
local LITTLE = { u16 = "<I2", u32 = "<I4", i32 = "<i4", u64 = "<E", pair = "<I4I4",
	request = "<I4I4c8c8I4I4I4", reply = "<I4i4c8" }
local BIG = { u16 = ">I2", u32 = ">I4", i32 = ">i4", u64 = ">E", pair = ">I4I4",
	request = ">I4I4c8c8I4I4I4", reply = ">I4i4c8" }
local TEXT_HEAD = 16384		-- bytes of a packet that are looked at first

-- The message at hand, one after the other in the same table: the packet
-- (tvb) with what was copied of it (s), where in it the message begins
-- (base) and how long it is (len), and the fields of its record.
local m = {}

local function message_load(tvb, length)
	local version, big, size
	m.tvb, m.length = tvb, length
	m.s = tvb:raw(0, math.min(length, TEXT_HEAD))
	version, m.kind, m.dir, big, size, m.flags, m.session, m.original,
		m.mono_high, m.mono_low, m.offset_high, m.offset_low,
		m.pieces, m.first, m.index, m.dialect, m.minor, m.opcode,
		m.granted_high, m.granted_low = unpack(RECORD, m.s)
	m.base, m.len = size, length - size
	m.form, m.big = big == 1 and BIG or LITTLE, big == 1
	m.set = flag_sets[m.flags]
	if m.dialect < 1 or m.dialect > DARWIN3 then m.dialect = 1 end
	return version
end

-- Have all of the packet at hand.
local function message_whole()
	if #m.s < m.length then m.s = m.tvb:raw() end
end

-- Words of the message, in its own byte order.  What is not wholly there is
-- nil.
local function holds(off, size)
	return off + size <= m.len and m.base + off + size <= #m.s
end

local function u32(off)
	return holds(off, 4) and unpack(m.form.u32, m.s, m.base + off + 1)
		or nil
end

local function u16(off)
	return holds(off, 2) and unpack(m.form.u16, m.s, m.base + off + 1)
		or nil
end

local function u64(off)
	return holds(off, 8) and unpack(m.form.u64, m.s, m.base + off + 1)
		or nil
end

-- The lower and the upper half.
local function u64_halves(off)
	if not holds(off, 8) then return nil end
	local a, b = unpack(m.form.pair, m.s, m.base + off + 1)
	if m.big then return b, a end
	return a, b
end

-- In decimal.
local function u64_text(off)
	local low, high = u64_halves(off)
	if high == 0 then return format("%d", low) end
	return low and tostring(u64(off)) or "?"
end

local function u64_hex(off)
	local low, high = u64_halves(off)
	if not low then return "?" end
	return high == 0 and format("0x%x", low) or
		format("0x%x%08x", high, low)
end

-- A node or a unique, as the key of a table: its bytes.
local function key_at(off)
	if not holds(off, 8) then return nil end
	return sub(m.s, m.base + off + 1, m.base + off + 8)
end

-- Bytes up to a NUL, nil if there are none, and where the next one begins.
local function name_at(off, last)
	local from = m.base + off + 1
	local stop = find(m.s, "\0", from, true)
	if not stop and #m.s < m.length then
		message_whole()
		stop = find(m.s, "\0", from, true)
	end
	stop = math.min(stop or #m.s + 1, m.base + last + 1)
	if stop <= from then return nil, off + 1 end
	return sub(m.s, from, stop - 1), stop - m.base
end

-- ---- texts ----

-- What is UTF-8, by the shortest and within Unicode.
local REPLACEMENT = "\239\191\189"
local TAIL = "[\128-\191]"
local sequences = { "[%z\1-\127]+", "[\194-\223]" .. TAIL,
	"\224[\160-\191]" .. TAIL, "[\225-\236\238\239]" .. TAIL .. TAIL,
	"\237[\128-\159]" .. TAIL, "\240[\144-\191]" .. TAIL .. TAIL,
	"[\241-\243]" .. TAIL .. TAIL .. TAIL,
	"\244[\128-\143]" .. TAIL .. TAIL }
for i, pattern in ipairs(sequences) do sequences[i] = "^" .. pattern end

-- (Terminals obey control characters, and tshark lets them through.)
local function escaped(c)
	return (c:gsub(".", function(byte)
		return format("\\x%02x", byte:byte())
	end))
end

local function utf8_of(s)
	local out, at = {}, 1
	while at <= #s do
		local found
		for _, pattern in ipairs(sequences) do
			found = s:match(pattern, at)
			if found then break end
		end
		out[#out + 1] = found or REPLACEMENT
		at = at + (found and #found or 1)
	end
	return table.concat(out):gsub("\194[\128-\159]", escaped)
end

local texts = {}	-- of names that are not plain ASCII

-- The bytes as UTF-8, control characters escaped.
local function text_of(s)
	if not find(s, "[%c\128-\255]") then return s end
	local t = texts[s]
	if not t then
		t = utf8_of(s):gsub("%c", escaped)
		texts[s] = t
	end
	return t
end

-- ---- sizes ----

-- Bytes of a struct; len: those that are there.
local function struct_size(name, len)
	local s = structs[name]
	local minor = m.minor == 0 and NEWEST or m.minor
	if not s then return 0 end
	if s.below and minor < s.below and
	    (not s.loose or len == s.old[m.dialect]) then
		return s.old[m.dialect]
	end
	if s.dialect == m.dialect and not bit_is_set(s.bit < 32 and
	    m.granted_low or m.granted_high, s.bit % 32) then
		return s.old[m.dialect]
	end
	return s.size[m.dialect]
end

-- INIT has its sender's layout, whatever it settles.
local function request_size(op)
	if op.tail == "INIT" then return m.len - REQUEST_HEAD end
	return struct_size(op.fixed, m.len - REQUEST_HEAD)
end

local function reply_size(op)
	if op.reply == "INIT" then return m.len - REPLY_HEAD end
	return struct_size(op.out)
end

-- ---- paths ----

-- By session: calls in flight by their unique, and the one that was answered
-- last; nodes, each with its parent and its name there; nodes by both.  A
-- path that was put together holds until an entry moves (age).
local sessions = {}
-- By the number of a packet: that of the call that it belongs to.
local frames = {}
-- By the number of a call, what both of its packets show; false: not known.
-- (Not a table for each: Lua would walk through hundreds of thousands of
-- them, again and again, for what it can free.)
local calls
-- Names of processes; callers, each once: user, group, process, name.
local callers, whos = {}, {}

local DEPTH_MAX = 256		-- a path goes up so far; breaks circles
local ROOT = { [true] = "\0\0\0\0\0\0\0\1", [false] = "\1\0\0\0\0\0\0\0" }
local NO_NODE = "\0\0\0\0\0\0\0\0"

local function calls_new()
	return { n = 0, code = {}, node = {}, who = {}, path = {}, told = {},
		request = {}, reply = {}, errno = {}, time = {} }
end

function p.init()
	sessions, frames, callers, whos, texts = {}, {}, {}, {}, {}
	calls = calls_new()
end

local function session_at_hand()
	local s = sessions[m.session]
	if not s then
		s = { calls = {}, nodes = {}, names = {}, unknown = {},
			age = 0, root = ROOT[m.big], form = m.form }
		sessions[m.session] = s
	end
	return s
end

-- Without the root's slash.
local function node_path(s, node, depth)
	local n = s.nodes[node]
	if node == s.root then return "" end
	if not n then
		s.unknown[node] = true
		return "#" .. tostring((unpack(s.form.u64, node)))
	end
	if n.age == s.age then return n.path end
	if depth == DEPTH_MAX then return "..." end
	n.path = node_path(s, n.parent, depth + 1) .. "/" .. text_of(n.name)
	n.age = s.age
	return n.path
end

-- Of a node, or of an entry of it.
local function path_of(s, node, name)
	local n = name and s.nodes[s.names[node .. name]]
	if n and n.age == s.age and n.parent == node and n.name == name then
		return n.path
	end
	local path = node_path(s, node, 0)
	if name then return path .. "/" .. text_of(name) end
	return path == "" and "/" or path
end

local function learn_entry(s, parent, name, node)
	if not node or not name or node == NO_NODE or node == s.root then
		return
	end
	local n = s.nodes[node]
	if not n then
		s.nodes[node] = { parent = parent, name = name }
		if s.unknown[node] then s.age = s.age + 1 end
	elseif n.parent ~= parent or n.name ~= name then
		n.parent, n.name = parent, name
		s.age = s.age + 1
	end
	s.names[parent .. name] = node
end

-- What a later file of a rotated capture tells of an earlier one's node.
local function learn_node(s, node, parent, name, is_gone)
	if s.nodes[node] or node == s.root then return end
	s.nodes[node] = { parent = parent, name = name }
	if s.unknown[node] then s.age = s.age + 1 end
	if not is_gone then s.names[parent .. name] = node end
end

local function learn_move(s, flight)
	if not flight.name or not flight.second or not flight.newdir then
		return
	end
	local from = flight.node .. flight.name
	local node = s.names[from]
	local other = s.names[flight.newdir .. flight.second]
	s.names[from] = nil
	learn_entry(s, flight.newdir, flight.second, node)
	if flight.swap then learn_entry(s, flight.node, flight.name, other) end
end

-- ---- directories ----

-- The entry at off of a READDIR or, with `entry` bytes before it, of a
-- READDIRPLUS: where its name begins, that one's length, and where the next
-- entry begins; or nil.
local function dirent_at(off, entry)
	local len = u32(off + entry + 16)
	local at = off + entry + 24
	if not len or len == 0 or not holds(at, len) then return nil end
	return at, len, off + floor((entry + 24 + len + 7) / 8) * 8
end

local function dirent_name(at, len)
	return sub(m.s, m.base + at + 1, m.base + at + len)
end

local function learn_dirents(s, parent)
	local off, entry = REPLY_HEAD, struct_size("fuse_entry_out")
	message_whole()
	local at, len, next_off = dirent_at(off, entry)
	while at do
		local name = dirent_name(at, len)
		if name ~= "." and name ~= ".." then
			learn_entry(s, parent, name, key_at(off))
		end
		off = next_off
		at, len, next_off = dirent_at(off, entry)
	end
end

-- ---- calls ----

-- The directory that a RENAME or the like goes to; does it swap the two?
local function where_to(op, size)
	if op.name == "EXCHANGE" then return key_at(48), true end
	if op.tail ~= "NAMES" then return nil end
	return key_at(40), size == 16 and bit_is_set(u32(48) or 0, 1)
end

-- What the line about a message tells of a struct at off.
local function told(l, off, last)
	local text = ""
	for i = 1, #l.told do
		local fld = l.told[i]
		local at = off + fld.off
		if at + fld.size <= last and not (fld.bit and
		    not bit_is_set(u32(off) or 0, fld.bit)) then
			text = text .. " " .. fld.name .. "=" ..
				(fld.size == 8 and u64_text(at) or
				format("%d", u32(at) or 0))
		end
	end
	return text
end

local function told_of_request(op)
	if not op or op.tail == "INIT" then return "" end
	return told(layout(op.fixed, m.dialect, m.minor), REQUEST_HEAD,
		REQUEST_HEAD + request_size(op))
end

-- What a request names, and where it moves to.
local function flight_fill(flight, op)
	local size = request_size(op)
	if op.has_name then
		local next_off
		flight.name, next_off = name_at(REQUEST_HEAD + size, m.len)
		if op.tail == "NAMES" or op.tail == "TARGET" then
			flight.second = name_at(next_off, m.len)
		end
		flight.newdir, flight.swap = where_to(op, size)
	end
end

-- What the line about a call tells behind its path.
local function told_of(s, flight, op)
	local text = ""
	if not op then return text end
	if flight.second then
		text = " -> " .. op.tail == "NAMES" and flight.newdir and
			path_of(s, flight.newdir, flight.second) or
			text_of(flight.second)
	elseif flight.name and not op.has_path then
		text = " " .. text_of(flight.name)
	end
	return text .. told_of_request(op)
end

local function who_calls(uid, gid, pid)
	local comm = callers[pid]
	local doubt = comm and m.set.is_doubtful
	local key = format("%d %d %d %s ", uid, gid, pid, tostring(doubt)) ..
		(comm or "")
	local who = whos[key]
	if not who then
		who = { uid = uid, gid = gid, pid = pid, comm = comm,
			doubt = doubt }
		whos[key] = who
	end
	return who
end

-- A new call; its number.
local function call_begin(s, number, op)
	local n = calls.n + 1
	local _, code, unique, node, uid, gid, pid = unpack(m.form.request,
		m.s, m.base + 1)
	local flight = { call = n, op = op, node = node,
		is_part = m.set.is_part, high = m.mono_high, low = m.mono_low }
	if op then flight_fill(flight, op) end
	s.calls[unique], calls.n = flight, n
	calls.code[n], calls.node[n] = code, node
	calls.who[n] = who_calls(uid, gid, pid)
	calls.path[n] = node ~= NO_NODE and path_of(s, node,
		op and op.has_path and flight.name)
	calls.told[n] = told_of(s, flight, op)
	calls.request[n], calls.reply[n], calls.errno[n] = number, false, false
	calls.time[n] = false
	return n
end

local function learn_request(number)
	local s = session_at_hand()
	local flight = m.set.is_again and s.calls[key_at(8)]
	frames[number] = flight and flight.call or
		call_begin(s, number, ops[u32(4)])
end

local function learn_result(s, flight)
	local op = flight.op
	if op.is_entry then
		if op.name ~= "TMPFILE" then
			learn_entry(s, flight.node, flight.name, key_at(16))
		end
	elseif op.tail == "NAMES" then
		learn_move(s, flight)
	elseif op.reply == "DIRENTSPLUS" then
		learn_dirents(s, flight.node)
	elseif op.name == "UNLINK" or op.name == "RMDIR" then
		s.names[flight.node .. (flight.name or "")] = nil
	end
end

local function learn_reply(number)
	local s = session_at_hand()
	local _, err, unique = unpack(m.form.reply, m.s, m.base + 1)
	local flight = s.calls[unique]
	if not flight then
		-- What the front gets comes after what the daemon sent.
		frames[number] = s.last_unique == unique and s.last.call or nil
		return
	end
	local n = flight.call
	frames[number] = n
	if not m.set.is_end or m.set.is_part ~= flight.is_part then return end
	s.calls[unique], s.last_unique, s.last = nil, unique, flight
	calls.reply[n], calls.errno[n] = number, err
	calls.time[n] = (m.mono_high - flight.high) * 4294967296 +
		m.mono_low - flight.low
	if flight.op and err == 0 and not flight.is_part then
		learn_result(s, flight)
	end
end
