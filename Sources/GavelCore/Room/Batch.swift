internal import NIOCore

/// The frames of one room in one tick.
///
/// Written on the room's home loop; from then on read only and shared by every member, loop and queue that needs it.
package final class Batch: @unchecked Sendable {
    package internal(set) var frames = Frames()

    package init() {}

    package var count: Int { self.frames.count }
}

/// Batches of one loop that wait for their next tick, so that an idle room owns none.
package final class BatchPool {
    private var spare: ContiguousArray<Batch> = []
    private static let most = 256
    /// A batch that grew beyond this, in bytes, is given back to the system.
    private static let largest = 64 << 10

    package init() {}

    package func take() -> Batch {
        self.spare.popLast() ?? Batch()
    }

    /// Takes back a batch if nobody else holds it.
    package func give(_ batch: consuming Batch) {
        guard self.spare.count < Self.most, batch.frames.bytes.capacity <= Self.largest,
            isKnownUniquelyReferenced(&batch)
        else { return }
        batch.frames.clear()
        self.spare.append(batch)
    }
}
@available(*, unavailable)
extension BatchPool: Sendable {}
