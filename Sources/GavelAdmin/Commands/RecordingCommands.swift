internal import Foundation

extension Commands {
    package static let recordings = Command<NoArguments, RecordingList>(
        "recordings",
        "Lists rooms of which a recording is kept.",
        .looks
    )
    package static let recording = StreamCommand<RoomArguments, RecordingPiece>(
        "recording",
        "Gives what is recorded of a room, for gavel replay."
    )
}

package struct RecordingList: CommandReply, Hashable {
    package var rooms: [String]

    package init(rooms: [String]) {
        self.rooms = rooms
    }

    package var text: String {
        self.rooms.isEmpty
            ? "Nothing is recorded." : self.rooms.map { PrintableText.line($0) }.joined(separator: "\n")
    }
}

/// Some bytes of a recording.
package struct RecordingPiece: CommandReply, Hashable {
    package static let mostBytes = 48 << 10

    /// In Base64 (RFC 4648).
    package var base64: String

    package init(_ bytes: some Sequence<UInt8>) {
        self.base64 = Data(bytes).base64EncodedString()
    }

    /// `nil`: it is no Base64.
    package var bytes: [UInt8]? { Data(base64Encoded: self.base64).map { Array($0) } }

    package var text: String { self.base64 }
}
