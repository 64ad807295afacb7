/// A client's number in its room: positive, counted from 1 in the order of joins, never given twice in an epoch.
/// 0 stands for the relay and the rules.
public typealias ClientID = UInt64

/// A message's place in its room's order: contiguous from 1 in an epoch. 0: none has been given yet.
public typealias MessageID = UInt64

/// What a message of class `latest` is the newest of, among those of its room: counted from 1, never given twice in a
/// life of the room. 0: the message is of no such class.
package typealias Topic = UInt64

/// The name of a room: bytes of UTF-8, compared as bytes.
///
/// Swift's `String` compares canonically, by which two different keys could name one room; this does not.
package struct RoomKey: Hashable, Sendable, CustomStringConvertible {
    package let bytes: [UInt8]

    /// Checks nothing: see ``isValid(limitBytes:)``.
    package init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    package init(_ string: String) {
        self.bytes = Array(string.utf8)
    }

    /// Whether the key has 1 to `limitBytes` bytes, none of them an ASCII control character. The bytes must be UTF-8.
    package func isValid(limitBytes: Int) -> Bool {
        !self.bytes.isEmpty && self.bytes.count <= limitBytes && self.bytes.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
    }

    package var description: String {
        String(decoding: self.bytes, as: UTF8.self)
    }
}
