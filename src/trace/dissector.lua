-- SPDX-License-Identifier: ISC
-- What Wireshark shows of a record: its line, and its tree if that is
-- wanted.

-- Functions of Wireshark's objects, which are the same for all of them, and
-- who asks for our fields: known with the first packet.
local add, add_le, range, set_generated, append_text, myself

local function bind(tvb, tree)
	add, add_le, range = tree.add, tree.add_le, tvb.range
	set_generated, append_text = tree.set_generated, tree.append_text
	myself = Dissector.get("fuserelay")
end

local has_referenced = pcall(function() return TreeItem.referenced end)

-- Would anybody see the tree, or a field of it?
local function is_wanted(tree)
	return not has_referenced or tree.visible or tree:referenced(myself)
end

-- ---- the tree ----

-- A field from bytes of the message, if they are there.
local function put(tree, field, off, size)
	if off + size > m.len then return nil end
	return (m.big and add or add_le)(tree, field,
		range(m.tvb, m.base + off, size))
end

-- One whose value is not in these bytes.
local function put_made(tree, field, value)
	if value then
		return set_generated(add(tree, field, value))
	end
end

local function put_text(tree, field, off, text)
	return add(tree, field, range(m.tvb, m.base + off, #text),
		text_of(text))
end

local function put_struct(tree, l, off, last)
	for i = 1, #l do
		local fld = l[i]
		local at = off + fld.off
		if fld.show == "SUB" then
			local stop = math.min(last, at + fld.size)
			if at < stop then
				put_struct(add(tree, p, range(m.tvb, m.base +
					at, stop - at), fld.name),
					layout(fld.arg, m.dialect, m.minor),
					at, stop)
			end
		elseif at + fld.size <= last then
			local item = put(tree, fld.proto, at, fld.size)
			if fld.is_flags and item then
				append_text(item, flag_text(fld.arg,
					m.dialect, fld.size == 8 and
					u64(at):tonumber() or u32(at) or 0))
			end
		end
	end
end

local function put_named_struct(tree, name, off, size)
	put_struct(tree, layout(name, m.dialect, m.minor), off,
		math.min(off + size, m.len))
end

local function put_names(tree, op, off)
	if not op.has_name then return end
	local name, next_off = name_at(off, m.len)
	if not name then return end
	put_text(tree, f.name, off, name)
	if op.tail ~= "NAMES" and op.tail ~= "TARGET" then return end
	local second = name_at(next_off, m.len)
	if second then
		put_text(tree, op.tail == "TARGET" and f.target or f.name,
			next_off, second)
	end
end

local function put_errno(item, err)
	if item and err ~= 0 then
		append_text(item, " (" .. (m.set.errors[-err] or "?") .. ")")
	end
	return item
end

-- What request and reply of call n have in common.
local function put_call(tree, number, n)
	local reply, ns = calls.reply[n], calls.time[n]
	put_made(tree, f.path, calls.path[n])
	local who = calls.who[n]
	local item = put_made(tree, f.comm, who.comm)
	if who.doubt then append_text(item, " (not certain)") end
	if calls.request[n] ~= number then
		put_made(tree, f.request_in, calls.request[n])
	else
		put_made(tree, f.reply_in, reply)
	end
	if ns and (reply == number or calls.request[n] == number) then
		put_made(tree, f.time, NSTime.new(floor(ns / 1000000000),
			ns % 1000000000))
	end
end

local function put_request(tree, number, n, code, opname)
	local op = ops[code]
	put(tree, f.len, 0, 4)
	put(tree, m.set.is_call and f.opcode or f.changed, 4, 4)
	put(tree, f.unique, 8, 8)
	put(tree, f.nodeid, 16, 8)
	put(tree, f.uid, 24, 4)
	put(tree, f.gid, 28, 4)
	put(tree, f.pid, 32, 4)
	if u16(36) ~= 0 then put(tree, f.extlen, 36, 2) end
	put_made(tree, f.op, opname)
	if op then
		local size = request_size(op)
		local l = op.tail == "INIT" and
			layout(op.fixed, m.dialect, 0) or
			layout(op.fixed, m.dialect, m.minor)
		put_struct(tree, l, REQUEST_HEAD,
			math.min(REQUEST_HEAD + size, m.len))
		put_names(tree, op, REQUEST_HEAD + size)
		if op.tail == "DATA" and m.len > REQUEST_HEAD + size then
			add(tree, f.data, range(m.tvb, m.base + REQUEST_HEAD +
				size))
		end
	end
	local err = calls.errno[n]
	put_errno(put_made(tree, f.errno, err), err)
	put_call(tree, number, n)
end

local function put_dirents(tree, plus)
	local off, entry = REPLY_HEAD, plus and
		struct_size("fuse_entry_out") or 0
	message_whole()
	local at, len, next_off = dirent_at(off, entry)
	while at do
		local name = dirent_name(at, len)
		local item = add(tree, p, range(m.tvb, m.base + off,
			math.min(next_off, m.len) - off), "Entry: " ..
			text_of(name))
		if plus then
			put_named_struct(item, "fuse_entry_out", off, entry)
		end
		put_named_struct(item, "fuse_dirent", off + entry, 24)
		put_text(item, f.name, at, name)
		off = next_off
		at, len, next_off = dirent_at(off, entry)
	end
end

-- Is it the size of a value that was not asked for?
local function is_size(op, n)
	return (op.reply == "XATTR" or op.reply == "XLIST") and
		m.original == 24 and (not n or calls.told[n]:find("size=0$"))
end

-- Of a reply without error: its struct, or what else it is.
local function put_answer(tree, op, n)
	if op.reply == "DIRENTS" or op.reply == "DIRENTSPLUS" then
		put_dirents(tree, op.reply == "DIRENTSPLUS")
	elseif op.reply == "TARGET" then
		message_whole()
		if m.len > REPLY_HEAD then
			put_text(tree, f.target, REPLY_HEAD, sub(m.s, m.base +
				REPLY_HEAD + 1))
		end
	elseif op.reply == "DATA" or ((op.reply == "XATTR" or
	    op.reply == "XLIST") and not is_size(op, n)) then
		if m.len > REPLY_HEAD then
			add(tree, f.data, range(m.tvb, m.base + REPLY_HEAD))
		end
	else
		local size = reply_size(op)
		local l = op.reply == "INIT" and
			layout(op.out, m.dialect, 0) or
			layout(op.out, m.dialect, m.minor)
		put_struct(tree, l, REPLY_HEAD,
			math.min(REPLY_HEAD + size, m.len))
		if op.reply == "CREATED" then
			put_named_struct(tree, "fuse_open_out",
				REPLY_HEAD + size, 16)
		end
	end
end

local function put_reply(tree, number, n, op, err)
	put(tree, f.len, 0, 4)
	local item = put_errno(put(tree, f.errno, 4, 4), err)
	put(tree, f.unique, 8, 8)
	if err ~= 0 then item:add_proto_expert_info(ex.failed) end
	if op then put_made(tree, f.op, op.name) end
	if op and err == 0 then put_answer(tree, op, n) end
	if not n then return end
	if calls.node[n] ~= NO_NODE then
		put_made(tree, f.nodeid, (unpack(m.form.u64, calls.node[n])))
	end
	local who = calls.who[n]
	put_made(tree, f.uid, who.uid)
	put_made(tree, f.gid, who.gid)
	put_made(tree, f.pid, who.pid)
	put_call(tree, number, n)
end

-- (One range for all of its fields: each is an object that costs time.)
local function put_record(tree)
	local t = range(m.tvb, 0, m.base)
	local h = add(tree, p, t, "Record")
	add(h, f.kind, t, m.kind)
	add(h, f.dir, t, m.dir)
	local item = add(h, f.flags, t, m.flags)
	if m.set.text ~= "" then append_text(item, m.set.text) end
	if m.set.is_odd then item:add_proto_expert_info(ex.relay) end
	add(h, f.session, t, m.session)
	add(h, f.original, t, m.original)
	add(h, f.pieces, t, m.pieces)
	-- A message that came by itself has no place in a stream.
	if m.pieces ~= 1 or m.index ~= 0 or m.offset_low ~= 0 or
	    m.offset_high ~= 0 then
		add(h, f.offset, range(m.tvb, 24, 8))
		add(h, f.first, t, m.first)
		add(h, f.index, t, m.index)
	end
	if m.len < m.original and m.kind ~= CHUNK and m.kind ~= MORE and
	    m.length < PACKET_MAX - 20 then
		put_made(h, f.cut, m.original - m.len)
	end
end

-- ---- the line ----

-- What a reply of this kind is, from the struct at its front.
local results = {
	fuse_write_out = function() return format("%d", u32(16) or 0) end,
	fuse_copy_file_range_out = function() return u64_text(16) end,
	fuse_lseek_out = function() return u64_text(16) end,
	fuse_bmap_out = function() return u64_text(16) end,
	fuse_entry_out = function() return "nodeid=" .. u64_text(16) end,
	fuse_open_out = function() return "fh=" .. u64_hex(16) end,
	fuse_poll_out = function() return format("0x%x", u32(16) or 0) end,
	fuse_ioctl_out = function()
		return holds(16, 4) and format("%d", (unpack(m.form.i32, m.s,
			m.base + 17))) or "?"
	end,
}

local COUNTED = { DATA = true, DIRENTS = true, DIRENTSPLUS = true,
	XATTR = true, XLIST = true }

local function result_of(op, n, err)
	if err ~= 0 then
		local name = m.set.errors[-err]
		return name and "-" .. name or format("%d", err)
	end
	if not op or is_size(op, n) then
		return op and format("%d", u32(16) or 0) or
			format("%d bytes", m.original - REPLY_HEAD)
	end
	if COUNTED[op.reply] then
		return format("%d", m.original - REPLY_HEAD)
	end
	if op.reply == "TARGET" then
		return text_of(sub(m.s, m.base + REPLY_HEAD + 1))
	end
	local result = results[op.out]
	if result then return result() end
	local at = layout(op.out, m.dialect, m.minor).size
	return at and "size=" .. u64_text(REPLY_HEAD + at) or "0"
end

-- ---- records ----

local function place_of(n)
	local path = calls.path[n]
	return path and " " .. path or ""
end

local function dissect_request(pinfo, tree, number)
	if not pinfo.visited then learn_request(number) end
	local n, code = frames[number], u32(4)
	local op = ops[code]
	local opname = op and op.name or format("OP(%d)", code)
	pinfo.cols.info = opname .. place_of(n) .. (m.set.is_inner and
		told_of_request(op) or calls.told[n])
	if tree then put_request(tree, number, n, code, opname) end
end

local function dissect_reply(pinfo, tree, number)
	if not pinfo.visited then learn_reply(number) end
	local n = frames[number]
	local _, err = unpack(m.form.reply, m.s, m.base + 1)
	local op = ops[m.opcode ~= 0 and m.opcode or n and calls.code[n]]
	local line = (op and op.name or "Reply") .. " = " ..
		result_of(op, n, err)
	local what = n and place_of(n) .. calls.told[n] or ""
	if what ~= "" then line = line .. " " .. what end
	pinfo.cols.info = line
	if tree then put_reply(tree, number, n, op, err) end
end

-- What the kernel said to a notification; the message is that.
local function put_verdict(tree)
	local item = add(tree, f.errno, range(m.tvb, 40, 4), -m.index)
	put_errno(item, -m.index)
	if m.index ~= 0 then item:add_proto_expert_info(ex.failed) end
end

local function dissect_notify(pinfo, tree)
	local code = u32(4)
	local row = notifications[code]
	local line = "NOTIFY_" .. (row and row.name or format("%d", code))
	local size = row and struct_size(row.fixed) or 0
	local name = row and row.tail == "NAME" and
		name_at(REPLY_HEAD + size, m.len)
	if row then
		if name then line = line .. " " .. text_of(name) end
		line = line .. told(layout(row.fixed, m.dialect, m.minor),
			REPLY_HEAD, math.min(REPLY_HEAD + size, m.len))
	end
	if m.kind == RESULT then
		line = line .. " = " .. (m.index == 0 and "OK" or
			result_of(nil, nil, -m.index))
	end
	pinfo.cols.info = line
	if not tree then return end
	put(tree, f.len, 0, 4)
	put(tree, f.notify, 4, 4)
	if m.kind == RESULT then put_verdict(tree) end
	if not row then return end
	put_named_struct(tree, row.fixed, REPLY_HEAD, size)
	if name then put_text(tree, f.name, REPLY_HEAD + size, name) end
end

local function dissect_caller(pinfo, tree)
	local pid, name = u32(0), sub(m.s, m.base + 5)
	if pid and not pinfo.visited then callers[pid] = text_of(name) end
	pinfo.cols.info = format("Process %d is %s", pid or 0,
		text_of(name))
	if not tree then return end
	put(tree, f.pid, 0, 4)
	if #name > 0 then put_text(tree, f.comm, 4, name) end
end

-- A node that an earlier file of the capture named.
local function dissect_node(pinfo, tree)
	local s, node, parent = session_at_hand(), key_at(0), key_at(8)
	local name = sub(m.s, m.base + 33)
	if name == "" then return end
	if not pinfo.visited then
		learn_node(s, node, parent, name, u32(24) ~= 0)
	end
	pinfo.cols.info = "Node " .. u64_text(0) .. " is " ..
		path_of(s, node)
	if not tree then return end
	put(tree, f.nodeid, 0, 8)
	put_text(tree, f.name, 32, name)
end

local function dissect_mark(pinfo, tree)
	local text = sub(m.s, m.base + 1)
	if m.kind == LOST then
		pinfo.cols.info = "Records lost: " .. u64_text(0)
		if tree then put(tree, f.lost, 0, 8) end
		return
	end
	pinfo.cols.info = (kinds[m.kind] or "?") .. ": " ..
		text_of(text)
	if tree and #text > 0 then put_text(tree, f.text, 0, text) end
end

-- What is not a message; how it is told.
local marks = {
	[CALLER] = dissect_caller,
	[NODE] = dissect_node,
	[CHUNK] = function(pinfo)
		pinfo.cols.info = format("Read of %.0f bytes at %.0f",
			m.original, m.offset_high * 4294967296 + m.offset_low)
	end,
	[MORE] = function(pinfo)
		pinfo.cols.info = format("%d more bytes of a message, from " ..
			"its byte %.0f on", m.len, m.offset_low)
	end,
}

local function dissect_record(pinfo, tree)
	if m.kind == REQUEST and m.len >= REQUEST_HEAD then
		dissect_request(pinfo, tree, pinfo.number)
	elseif m.kind == REPLY and m.len >= REPLY_HEAD then
		dissect_reply(pinfo, tree, pinfo.number)
	elseif (m.kind == NOTIFY or m.kind == RESULT) and
	    m.len >= REPLY_HEAD then
		dissect_notify(pinfo, tree)
	elseif m.kind > NOTIFY then
		(marks[m.kind] or dissect_mark)(pinfo, tree)
	else
		return false
	end
	return true
end

-- Is there something that the list of what is worth a look has?
local function is_notable()
	return m.set.is_odd or m.kind == REPLY and (u32(4) or 1) ~= 0 or
		m.kind == RESULT and m.index ~= 0
end

function p.dissector(tvb, pinfo, root)
	local length = tvb:len()
	if length < HEAD_SIZE or message_load(tvb, length) ~= 1 then
		return 0
	end
	if not add then bind(tvb, root) end
	local tree = (is_wanted(root) or is_notable()) and
		add(root, p, range(tvb))
	pinfo.cols.protocol = "FUSE"
	local is_whole = m.base >= HEAD_SIZE and m.len >= 0
	if is_whole and tree then put_record(tree) end
	if not is_whole or not dissect_record(pinfo, tree) then
		(tree or add(root, p, range(tvb))):add_proto_expert_info(
			ex.short)
	end
	return length
end
