internal import NIOCore

extension RelayLoop {
    /// Gives each member on this loop its part of a tick: most the batch as it is, and those with patches a copy of
    /// their own.
    func deliver(_ tick: RoomTick, of room: Int?, from home: Int) {
        if let room {
            while self.groups[home].count <= room { self.groups[home].append(MemberGroup()) }
        }
        self.isBatchQueued = false
        let end = tick.batch?.count ?? 0
        if tick.patches.isEmpty {
            guard let room else { return }
            if let batch = tick.batch {
                self.meters.noteOut(batch.frames, copies: self.groups[home][room].members.count)
                for member in self.groups[home][room].members { member.send(batch, from: 0, to: end) }
            }
        } else {
            self.chain(tick.patches)
            if let room, let batch = tick.batch {
                let serial = self.deliverySerial
                var copies = 0
                for member in self.groups[home][room].members where member.patchSerial != serial {
                    member.send(batch, from: 0, to: end)
                    copies += 1
                }
                self.meters.noteOut(batch.frames, copies: copies)
            }
            self.deliverPatched(tick, of: room, from: home)
        }
        if let room { self.groups[home][room].setPaused(tick.pausesSenders) }
    }

    /// Links the patches of each connection, in their order, and lists the connections.
    private func chain(_ list: PatchList) {
        self.deliverySerial += 1
        let serial = self.deliverySerial
        var next: ContiguousArray<Int> = []
        swap(&next, &self.nextPatch)
        next.removeAll(keepingCapacity: true)
        for (index, patch) in list.patches.enumerated() {
            next.append(-1)
            guard Int(patch.address.loop) == self.index, let connection = self.connection(at: patch.address) else {
                continue
            }
            if connection.patchSerial == serial {
                next[connection.lastPatch] = index
            } else {
                connection.patchSerial = serial
                connection.firstPatch = index
                self.patched.append(connection)
            }
            connection.lastPatch = index
        }
        swap(&next, &self.nextPatch)
    }

    /// What is left to do for a connection after its part of a tick was sent.
    private struct Aftermath {
        var isDetached = false
        var malformed = 0
        var code: CloseCode?
        var move: Connection.Move?
    }

    private func deliverPatched(_ tick: RoomTick, of room: Int?, from home: Int) {
        var patched: ContiguousArray<Connection> = []
        swap(&patched, &self.patched)
        tick.patches.side.withUnsafeReadableBytes { side in
            (tick.batch?.frames ?? Frames()).withView { frames in
                for connection in patched {
                    var own = self.takeBatch()
                    own.frames.reserve(bytes: frames.bytes.count + 256, entries: frames.entries.count + 8)
                    let aftermath = self.assemble(
                        &own,
                        frames,
                        tick.patches,
                        side,
                        of: room,
                        from: home,
                        for: connection
                    )
                    self.meters.noteOut(own.frames, copies: 1)
                    // Part of it may have been too much.
                    if connection.stage != .ended { connection.sendOwn(own) }
                    for _ in 0..<aftermath.malformed { connection.countMalformed() }
                    if let code = aftermath.code { connection.close(code, "closed by the room") }
                    if aftermath.isDetached {
                        connection.nextMove = connection.stage == .attached ? aftermath.move : nil
                        self.detached.append(connection)
                    }
                }
            }
        }
        patched.removeAll(keepingCapacity: true)
        self.patched = patched
    }

    /// Puts together one member's part of a tick: the batch while the member was in, with its patches in their places.
    /// What stands before messages of the history is sent with them; what is left is in `own`.
    private func assemble(
        _ own: inout Batch,
        _ batch: Frames.View,
        _ list: PatchList,
        _ side: UnsafeRawBufferPointer,
        of room: Int?,
        from home: Int,
        for connection: Connection
    ) -> Aftermath {
        var aftermath = Aftermath()
        // Up to where the member has its part of the batch; nil while it is not in.
        var position: Int? = connection.groupIndex >= 0 ? 0 : nil
        // The batch's entry at that position.
        var entry = 0
        var index = connection.firstPatch
        while index >= 0 {
            let patch = list.patches[index]
            let offset = Int(patch.offset)
            if let start = position, start < offset {
                own.frames.append(batch, from: start, to: offset, entry: &entry)
                position = offset
            }
            switch patch.kind {
            case .insert:
                let start = Int(patch.from)
                own.frames.append(whole: UnsafeRawBufferPointer(rebasing: side[start..<start + Int(patch.length)]))
            case .replay:
                connection.sendOwn(own)
                own = self.takeBatch()
                // It joins again and again, and reads nothing of it.
                if connection.queue.replayedCount > self.outbound.hardBytes { connection.cutSlow() }
                for range in list.replays[Int(patch.value)].ranges where connection.stage != .ended {
                    connection.sendReplayed(range.batch, from: range.start, to: range.end)
                }
                if connection.stage == .ended { return aftermath }
            case .skip:
                guard position != nil else { break }
                position = offset + Int(patch.length)
                entry += 1
            case .begin:
                position = offset
                entry = Frames.entryIndex(at: offset, in: batch.entries)
                aftermath.isDetached = false
                if let room { self.enter(connection, room: room, home: home, client: patch.value) }
            case .end, .refuse:
                position = nil
                aftermath.isDetached = true
                self.leaveGroup(connection)
            case .move:
                let start = Int(patch.from)
                let end = start + Int(patch.length)
                let data = start + Int(patch.value)
                aftermath.move = Connection.Move(join: Array(side[start..<data]), data: Array(side[data..<end]))
            case .malformed:
                aftermath.malformed += 1
            case .close:
                aftermath.code = CloseCode(rawValue: UInt16(truncatingIfNeeded: patch.value))
            }
            index = self.nextPatch[index]
        }
        if let start = position { own.frames.append(batch, from: start, to: batch.bytes.count, entry: &entry) }
        return aftermath
    }

    /// Lets connections go on that are no longer in a room. After all that was to be delivered: what rooms and the
    /// foyer still had for them is addressed to the stay that is over.
    func finishDetachments() {
        while !self.detached.isEmpty {
            var detached: ContiguousArray<Connection> = []
            swap(&detached, &self.detached)
            for connection in detached { connection.detached() }
        }
    }

    private func enter(_ connection: Connection, room: Int, home: Int, client: ClientID) {
        connection.room = room
        connection.client = client
        connection.queue.forgetTopics()
        connection.joinlessSince = nil
        connection.unhold(.joining)
        self.groups[home][room].add(connection)
        if connection.slowSince != nil { self.note(.aboveSoft, of: connection) }
    }
}
