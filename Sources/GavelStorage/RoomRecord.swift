internal import GavelCore

/// A row of the table `rooms`: what is known of a room without reading its rows in `entries`.
struct RoomRecord {
    enum State: Int64 {
        /// All of it is in its copy.
        case asleep = 0
        /// Outputs may have left that are not kept: its epoch must not go on.
        case exposed = 1
        /// Open, and every output of it behind a synced commit.
        case covered = 2
    }

    /// Counted from 1; stands in the upper bits of the numbers of its rows.
    var id: Int64
    var key: [UInt8]
    /// Empty until the first entry.
    var epoch: [UInt8] = []
    var state: State
    var lastID: MessageID = 0
    /// The oldest of its rows that is kept.
    var firstRow: Int64 = 0
    /// The row that comes next; those from ``firstRow`` to before it are there without gap.
    var nextRow: Int64 = 0
    /// The changes of this row and of later ones come after the copy.
    var copyRow: Int64 = 0
    /// Over the copy; `nil` where there is none.
    var copySum: Int64?
    /// When it was last opened or written, milliseconds since 1970 UTC.
    var touched: Int64

    static let rowBits: Int64 = 33
    static let mostRows: Int64 = 1 << Self.rowBits

    /// The number in `entries` of a row of the room.
    func rowID(_ row: Int64) -> Int64 { self.id << Self.rowBits | row }

    var sum: Int64 {
        var sum = Checksum(self.id)
        sum.add(self.key)
        sum.add(self.epoch)
        sum.add(self.state.rawValue)
        sum.add(Int64(bitPattern: self.lastID))
        sum.add(self.firstRow)
        sum.add(self.nextRow)
        sum.add(self.copyRow)
        sum.add(self.copySum ?? 0)
        sum.add(self.copySum == nil ? 0 : 1)
        sum.add(self.touched)
        return sum.value
    }
}
