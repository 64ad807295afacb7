package import GavelCore

/// A room as its home would see it, which makes entries in order.
package struct LoggedRoom {
    package let key: RoomKey
    package let life: UInt64
    package var epoch = Array("epoch-1".utf8)
    package private(set) var lastID: MessageID

    package init(key: RoomKey, life: UInt64, stored: StoredRoom?) {
        self.key = key
        self.life = life
        self.lastID = stored?.lastID ?? 0
        if let stored { self.epoch = stored.epoch }
    }

    /// - Parameter messages: How many.
    package mutating func entry(
        _ kind: LogEntry.Kind = .tick,
        messages: Int = 0,
        padding: Int = 0,
        changes: String = "",
        copy: String? = nil
    ) -> LogEntry {
        let first = self.lastID + 1
        self.lastID += MessageID(messages)
        return LogEntry(
            kind,
            key: self.key,
            life: self.life,
            epoch: self.epoch,
            lastID: self.lastID,
            messages: messages == 0 ? nil : FrameBytes.messages(first...self.lastID, padding: padding),
            changes: Array(changes.utf8),
            copy: copy.map { Array($0.utf8) }
        )
    }
}
