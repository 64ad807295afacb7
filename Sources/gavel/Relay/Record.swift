import ArgumentParser
import Foundation
import GavelAdmin
import GavelConfig
import GavelServer

/// `gavel record`: what is recorded of rooms.
struct Record: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Take out what was recorded of rooms, for gavel replay.",
        discussion: """
            Rooms are recorded whose [[rooms]] entry has [rooms.record] with bytes. Asks the running relay; where none \
            runs, what it left in its database is read.
            """,
        subcommands: [Export.self, List.self]
    )

    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write the recording of a room to a file.",
            discussion: "It holds what players sent, and the secrets of the room's chance."
        )

        @OptionGroup var relay: RunningRelay

        @Argument(help: "The room's name.")
        var room: String

        @Option(name: .shortAndLong, help: ArgumentHelp("The file; by default ROOM.gavelrec.", valueName: "file"))
        var output: String?

        func run() async throws {
            let bytes = try await self.relay.recording(of: self.room)
            let path = self.output ?? self.room.replacing("/", with: "_") + ".gavelrec"
            do {
                try Data(bytes).write(to: URL(filePath: path))
            } catch {
                Console.complain("gavel: \(path) cannot be written: \(error.localizedDescription)")
                throw ExitCode.failure
            }
            print("\(path): \(bytes.count) bytes.")
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List rooms of which a recording is kept.")

        @OptionGroup var relay: RunningRelay

        func run() async throws {
            let list = try await self.relay.reach { client in
                try await client.call(Commands.recordings, NoArguments())
            } orStored: { configuration in
                RecordingList(rooms: try StoredRecording.rooms(in: configuration))
            }
            print(self.relay.format == .json ? try RunningRelay.json(list) : list.text)
        }
    }
}

extension RunningRelay {
    fileprivate func recording(of room: String) async throws -> [UInt8] {
        try await self.reach { client in
            var bytes: [UInt8] = []
            try await client.listen(Commands.recording, RoomArguments(room: room)) { bytes += $0.bytes ?? [] }
            return bytes
        } orStored: { configuration in
            guard let bytes = try StoredRecording.bytes(of: room, in: configuration) else {
                throw CommandError(.notFound, "Nothing is recorded of a room \"\(room)\".")
            }
            return bytes
        }
    }
}
