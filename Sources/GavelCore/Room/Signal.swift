/// What the rules of one room tell those of another.
package struct Signal: Sendable {
    /// The room it is for.
    package var key: RoomKey
    /// The room it comes from.
    package var source: RoomKey
    /// UTF-8.
    package var name: [UInt8]
    /// JSON, or nothing.
    package var data: [UInt8]

    package init(key: RoomKey, source: RoomKey, name: [UInt8], data: [UInt8]) {
        self.key = key
        self.source = source
        self.name = name
        self.data = data
    }

    /// Memory it takes, in bytes.
    var weight: Int { self.key.bytes.count + self.source.bytes.count + self.name.count + self.data.count + 64 }
}
