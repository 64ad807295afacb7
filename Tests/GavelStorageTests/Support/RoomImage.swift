import GavelCore
import GavelTesting

/// All that a log keeps of a room, but for whether it is whole.
struct RoomImage: Equatable {
    var epoch: [UInt8] = []
    var lastID: MessageID = 0
    var copy: [UInt8]?
    var changes: [[UInt8]] = []
    var frames: [[UInt8]] = []

    init() {}

    init?(_ stored: StoredRoom?) {
        guard let stored else { return nil }
        self.epoch = stored.epoch
        self.lastID = stored.lastID
        self.copy = stored.copy
        self.changes = stored.changes
        self.frames = (try? stored.frames()) ?? [[0]]
    }

    func after(_ entry: LogEntry) -> RoomImage {
        var image = self
        image.epoch = entry.epoch
        image.lastID = entry.lastID
        if let messages = entry.messages { image.frames += messages.withBytes { FrameBytes.split(Array($0)) } }
        if let copy = entry.copy {
            (image.copy, image.changes) = (copy, [])
        } else if !entry.changes.isEmpty {
            image.changes.append(entry.changes)
        }
        return image
    }
}
