internal import NIOCore
internal import Synchronization

/// The frames of one room in one tick.
///
/// Written on the room's home loop; from then on read only and shared by every member, loop and queue that needs it.
/// Writing a frame calls nothing else, so that overlapping accesses are not looked for at run time.
package final class Batch: @unchecked Sendable {
    @exclusivity(unchecked) package internal(set) var frames = Frames()

    /// Loops that may still read it, the room's home among them.
    private let readers = Atomic<Int>(1)

    package init() {}

    /// One loop more will read it.
    func share() {
        self.readers.add(1, ordering: .relaxed)
    }

    /// A loop reads it no more; `true` for the last. What the others read was read before this.
    fileprivate func unshare() -> Bool {
        self.readers.subtract(1, ordering: .acquiringAndReleasing).newValue == 0
    }

    fileprivate func prepare() {
        self.frames.clear()
        self.readers.store(1, ordering: .relaxed)
    }

    package var count: Int { self.frames.count }
}

/// Batches and lists of patches of one loop that wait for their next tick, so that an idle room owns none.
package final class BatchPool {
    private var spare: ContiguousArray<Batch> = []
    private var sparePatches: ContiguousArray<PatchList> = []
    private static let most = 256
    /// A batch that grew beyond this, in bytes, is given back to the system.
    private static let largest = 64 << 10

    package init() {}

    /// An empty batch.
    /// - Parameter bytes: How large it will probably become.
    package func take(expecting bytes: Int = 0) -> Batch {
        if let batch = self.spare.popLast() { return batch }
        let batch = Batch()
        if bytes > 0 { batch.frames.reserve(bytes: min(bytes, Self.largest), entries: 0) }
        return batch
    }

    /// Takes back a batch that this loop reads no more, if nobody else does: to be called once by each loop that has it,
    /// unless it waits there in a queue.
    package func give(_ batch: consuming Batch) {
        guard batch.unshare(), self.spare.count < Self.most, batch.frames.bytes.capacity <= Self.largest,
            isKnownUniquelyReferenced(&batch)
        else { return }
        batch.prepare()
        self.spare.append(batch)
    }

    /// An empty list.
    func takePatches() -> PatchList {
        self.sparePatches.popLast() ?? PatchList()
    }

    /// Takes back a list whose memory can be used again.
    func give(_ patches: consuming PatchList) {
        guard self.sparePatches.count < Self.most, patches.side.capacity <= Self.largest else { return }
        patches.clear()
        self.sparePatches.append(patches)
    }
}
@available(*, unavailable)
extension BatchPool: Sendable {}
