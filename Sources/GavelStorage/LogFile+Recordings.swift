internal import GavelCore

/// Recordings in the tables of a log.
extension LogFile {
    /// Segments looked at by one call that deletes old ones.
    private static let segmentsSearched: Int64 = 16

    /// Takes a part, and lets go of what its limits do not allow any more.
    func record(_ part: RecordingPart) throws(MessageLogError) {
        guard let statement = self.statements?.writeRecording else { throw Self.closed }
        statement.bind(1, part.key.bytes)
        statement.bind(2, Int64(bitPattern: part.segment))
        statement.bind(3, part.isFirst ? 1 : 0)
        statement.bind(4, part.wallMilliseconds &+ part.limits.ageMilliseconds)
        statement.bind(5, part.bytes)
        try statement.run()
        if part.isFirst { try self.trimRecording(part.key, bytes: part.limits.bytes * 3 / 4) }
    }

    /// Deletes a room's oldest segments, so that there is space for a new one.
    private func trimRecording(_ key: RoomKey, bytes limit: Int) throws(MessageLogError) {
        guard let statement = self.statements?.surveyRecording else { throw Self.closed }
        statement.bind(1, key.bytes)
        var segments: [(number: Int64, bytes: Int64)] = []
        while try statement.step() { segments.append((statement.integer(0), statement.integer(1))) }
        statement.reset()
        var bytes = segments.reduce(0) { $0 + $1.bytes }
        for segment in segments.dropLast() where bytes > Int64(limit) {
            try self.deleteSegment(segment.number, of: key.bytes)
            bytes -= segment.bytes
        }
    }

    private func deleteSegment(_ segment: Int64, of key: [UInt8]) throws(MessageLogError) {
        guard let statement = self.statements?.deleteRecording else { throw Self.closed }
        statement.bind(1, key)
        statement.bind(2, segment)
        try statement.run()
    }

    /// Deletes some segments all of which is too old.
    func deleteOldRecordings(now: Int64) throws(MessageLogError) {
        guard let statement = self.statements?.surveyOldRecordings else { throw Self.closed }
        statement.bind(1, now)
        statement.bind(2, Self.segmentsSearched)
        var segments: [(key: [UInt8], number: Int64)] = []
        while try statement.step() { segments.append((Array(statement.bytes(0)), statement.integer(1))) }
        statement.reset()
        for segment in segments { try self.deleteSegment(segment.number, of: segment.key) }
    }

    /// What is kept of a room, in the order in which it was written: of each segment what has its beginning.
    func recording(of key: RoomKey) throws(MessageLogError) -> [[UInt8]] {
        guard let statement = self.statements?.readRecording else { throw Self.closed }
        statement.bind(1, key.bytes)
        defer { statement.reset() }
        var parts: [[UInt8]] = []
        var begun: Set<Int64> = []
        while try statement.step() {
            let segment = statement.integer(0)
            if statement.integer(1) == 1 { begun.insert(segment) }
            if begun.contains(segment) { parts.append(Array(statement.bytes(2))) }
        }
        return parts
    }

    func recordedRooms() throws(MessageLogError) -> [RoomKey] {
        guard let statement = self.statements?.listRecordings else { throw Self.closed }
        defer { statement.reset() }
        var keys: [RoomKey] = []
        while try statement.step() { keys.append(RoomKey(bytes: Array(statement.bytes(0)))) }
        return keys
    }
}
