import Foundation
import GavelAdmin
import Glibc
import Testing

@Suite("The file of the control socket", .timeLimit(.minutes(10)))
final class ControlSocketTests {
    private let folder = FileManager.default.temporaryDirectory
        .appending(path: "gavel-control-\(UUID().uuidString)", directoryHint: .isDirectory)
    private var path: String { ControlledRelay.path(in: self.folder) }

    init() throws {
        try FileManager.default.createDirectory(at: self.folder, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: self.folder)
    }

    private func run(_ body: (ControlledRelay) async throws -> Void = { _ in }) async throws {
        try await ControlledRelay.run(in: self.folder, body: body)
    }

    private func failure() async -> ControlSocketError? {
        await #expect(throws: ControlSocketError.self) { try await self.run() }
    }

    @Test("is its owner's alone, and is gone after the end")
    func mode() async throws {
        try await self.run { relay in
            var status = stat()
            #expect(lstat(relay.path, &status) == 0)
            #expect(status.st_mode == S_IFSOCK | 0o600)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: self.folder.path) == [])
    }

    private static let canBeAnotherUser =
        geteuid() == 0 && access("/usr/bin/setpriv", X_OK) == 0 && access("/usr/bin/python3", X_OK) == 0

    @Test("is not for other users", .enabled(if: Self.canBeAnotherUser))
    func otherUser() async throws {
        chmod(self.folder.path, 0o755)
        try await self.run { relay in
            let program = """
                import socket, sys
                s = socket.socket(socket.AF_UNIX)
                try: s.connect(sys.argv[1]); print("let in")
                except PermissionError: print("kept out")
                """
            func attempt(as user: String) throws -> String {
                let child = Process()
                child.executableURL = URL(filePath: "/usr/bin/setpriv")
                child.arguments = [
                    "--reuid", user, "--regid", user, "--clear-groups", "/usr/bin/python3", "-c", program, relay.path,
                ]
                let pipe = Pipe()
                child.standardOutput = pipe
                try child.run()
                let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
                child.waitUntilExit()
                return String(decoding: output, as: UTF8.self)
            }
            let outputs = [try attempt(as: "65534"), try attempt(as: "0")]
            #expect(outputs == ["kept out\n", "let in\n"])
        }
    }

    @Test("that a killed relay left behind is replaced")
    func abandoned() async throws {
        PlainSocket.abandon(self.path)
        try await self.run { relay in
            let status = try await ControlClient.with(relay.path) {
                try await $0.call(Commands.status, NoArguments())
            }
            #expect(status.process == 7)
        }
    }

    @Test("of a running relay is not taken from it")
    func inUse() async throws {
        try await self.run { relay in
            let error = await self.failure()
            #expect(error?.cause == .inUse)
            #expect(error?.description.contains("another relay has the control socket \(self.path)") == true)
            _ = try await ControlClient.with(relay.path) { try await $0.call(Commands.status, NoArguments()) }
        }
    }

    @Test("of relays that start at the same time goes to one of them")
    func startTogether() async throws {
        let folder = self.folder
        for _ in 0..<5 {
            PlainSocket.abandon(self.path)
            let winners = try await withThrowingTaskGroup(of: Bool.self) { group in
                let (ready, isReady) = AsyncStream.makeStream(of: Void.self)
                for _ in 0..<4 {
                    group.addTask {
                        defer { isReady.yield() }
                        do {
                            try await ControlledRelay.run(in: folder) { _ in
                                isReady.yield()
                                // Until all have tried.
                                var tries = ready.makeAsyncIterator()
                                for _ in 0..<4 { await tries.next() }
                            }
                            return true
                        } catch is ControlSocketError {
                            return false
                        }
                    }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(winners == 1)
        }
    }

    @Test("is not put in the place of another file")
    func otherFile() async throws {
        try Data("mine".utf8).write(to: URL(filePath: self.path))
        #expect(await self.failure()?.cause == .notASocket)
        #expect(try String(contentsOfFile: self.path, encoding: .utf8) == "mine")
    }

    @Test("is not removed where it is another relay's by now")
    func replaced() async throws {
        try await self.run { relay in
            unlink(relay.path)
            PlainSocket.abandon(relay.path)
        }
        #expect(FileManager.default.fileExists(atPath: self.path))
    }

    @Test("cannot be where there is no folder, nor under a path that is too long")
    func impossible() async throws {
        try FileManager.default.removeItem(at: self.folder)
        let missing = self.folder.appending(path: "none").appending(path: "gavel.sock").path
        func failure(_ path: String) async -> ControlSocketError? {
            await #expect(throws: ControlSocketError.self) {
                try await ControlledRelay.run(at: path) { _ in }
            }
        }
        #expect(await failure(missing)?.cause == .system(ENOENT))
        #expect(await failure("/tmp/" + String(repeating: "a", count: 103))?.cause == .tooLong)
    }
}
