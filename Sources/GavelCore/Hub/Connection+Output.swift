internal import NIOCore

extension Connection {
    /// Bytes that wait here and in the channel.
    package var queuedBytes: Int { self.queue.count + self.inChannel }

    /// Sends one final, unmasked frame behind all that is on its way; before and after ``end(_:)``.
    package func sendFrame(_ opcode: FrameOpcode, _ payload: UnsafeRawBufferPointer) {
        let batch = self.relay.takeBatch()
        batch.frames.append(opcode, payload)
        self.sendOwn(batch)
    }

    /// Sends a batch that nobody else has.
    func sendOwn(_ batch: consuming Batch) {
        let wasQueued = self.relay.isBatchQueued
        self.relay.isBatchQueued = false
        self.send(batch, from: 0, to: batch.count)
        if !self.relay.isBatchQueued { self.relay.giveBatch(batch) }
        self.relay.isBatchQueued = wasQueued
    }

    /// Sends a text frame that `compose` writes.
    func reply(_ compose: (inout ByteBuffer) -> Void) {
        var payload = ByteBuffer()
        compose(&payload)
        payload.withUnsafeReadableBytes { self.sendFrame(.text, $0) }
    }

    /// Sends a range of a room's history, frame boundaries both. What waits of it does not make the client slow.
    func sendReplayed(_ batch: Batch, from start: Int, to end: Int) {
        guard start < end, self.outlet != nil else { return }
        self.queue.append(batch, from: start, to: end, isReplayed: true)
        if self.inChannel == 0 { self.outletBecameWritable() }
    }

    /// Sends a range of a batch, frame boundaries both: to the socket what it takes, to the queue the rest.
    @inline(__always)
    func send(_ batch: Batch, from start: Int, to end: Int) {
        guard start < end, let outlet = self.outlet else { return }
        var start = start
        if self.inChannel == 0, self.queue.isEmpty {
            start += batch.frames.bytes.withUnsafeReadableBytes {
                outlet.send(UnsafeRawBufferPointer(rebasing: $0[start..<end]))
            }
            if start == end { return }
        }
        self.queue.append(batch, from: start, to: end)
        self.relay.isBatchQueued = true
        if self.inChannel == 0 { self.handOver() }
        self.measureQueue()
    }

    /// The bytes handed over by ``ConnectionOutlet/sendWhenWritable(_:)`` have left.
    package func outletBecameWritable() {
        self.inChannel = 0
        guard let outlet = self.outlet else { return }
        while let chunk = self.queue.takeChunk(limit: self.relay.outbound.chunkBytes) {
            let taken = chunk.withUnsafeReadableBytes { outlet.send($0) }
            if taken < chunk.readableBytes {
                var rest = chunk
                rest.moveReaderIndex(forwardBy: taken)
                self.inChannel = rest.readableBytes
                outlet.sendWhenWritable(rest)
                break
            }
        }
        self.measureQueue()
        if self.queuedBytes == 0, self.stage == .ended { outlet.outputDrained() }
    }

    private func handOver() {
        guard let chunk = self.queue.takeChunk(limit: self.relay.outbound.chunkBytes) else { return }
        self.inChannel = chunk.readableBytes
        self.outlet?.sendWhenWritable(chunk)
    }

    /// Marks the client as slow or no longer so, and cuts it beyond the hard limit.
    func measureQueue() {
        // An echo is as large as what it echoes, and its reader is not served by being cut.
        if self.isEcho { return }
        let outbound = self.relay.outbound
        let count = self.queuedBytes - self.queue.replayedCount
        if count > outbound.softBytes {
            guard self.stage != .ended else { return }
            if self.slowSince == nil {
                self.slowSince = self.relay.now
                if self.stage != .idle { self.relay.note(.aboveSoft, of: self) }
            }
            if count > outbound.hardBytes, Mutation.limitsSlowClients { self.cutSlow() }
        } else if self.slowSince != nil {
            self.slowSince = nil
            if self.stage == .attached || self.stage == .leaving { self.relay.note(.belowSoft, of: self) }
        }
    }
}
