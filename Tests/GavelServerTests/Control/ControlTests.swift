import Foundation
import GavelAdmin
import GavelConfig
import GavelTesting
import NIOCore
import Testing

@testable import GavelServer

@Suite("A relay under control", .timeLimit(.minutes(10)))
final class ControlTests {
    private let folder = FileManager.default.temporaryDirectory
        .appending(path: "gavel-ops-\(UUID().uuidString)", directoryHint: .isDirectory)
    private var socket: String { self.folder.appending(path: "gavel.sock").path(percentEncoded: false) }

    init() throws {
        try FileManager.default.createDirectory(at: self.folder, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: self.folder)
    }

    @Test("tells its status, and changes what it logs")
    func status() async throws {
        try await RunningRelay.run("", folder: self.folder, isControlled: true) { address in
            let player = try await SocketClient.connect(to: address)
            player.send(#"{"type":"join","room":"lobby"}"#)
            _ = await player.next("joined")
            try await ControlClient.with(self.socket) { client in
                let status = try await client.call(Commands.status, NoArguments())
                #expect(status.version == GavelServer.version)
                #expect(status.process == Int(ProcessInfo.processInfo.processIdentifier))
                #expect(status.address == "127.0.0.1:\(address.port ?? 0)")
                #expect(status.now.rooms == 1)
                #expect(status.now.connections == 1)
                #expect(!status.isDraining)
                let level = try await client.call(Commands.logLevel, LogLevelArguments(level: "debug"))
                #expect(level == LogLevelOutcome(level: "debug", former: "info"))
                #expect(try await client.call(Commands.logLevel, LogLevelArguments()).level == "debug")
            }
        }
    }

    @Test("tells its owner where the operators' page is, with the token that was made")
    func page() async throws {
        let folder = TestFolder()
        try folder.write("config.toml", "")
        try await RunningRelay.run(folder, log: LogRecorder(), isControlled: true, hasPages: true) { _ in
            let socket = folder.url.appending(path: "gavel.sock").path(percentEncoded: false)
            try await ControlClient.with(socket) { client in
                let page = try await client.call(Commands.status, NoArguments()).page
                #expect(page?.wholeMatch(of: /http:\/\/127\.0\.0\.1:\d+\/admin#token=\S{16,}/) != nil, "\(page ?? "")")
            }
        }
    }

    @Test("leaves descriptors for what operators may open")
    func descriptors() throws {
        func configuration(_ text: String) throws -> GavelConfiguration {
            try ConfigurationReader.read(
                text: text,
                fileName: "config.toml",
                folder: self.folder,
                environment: [:],
                flags: []
            ).get()
        }
        #expect(try configuration("").operatorConnections == 256 + 32)
        #expect(try configuration("[http]\nhost = \"off\"").operatorConnections == 32)
        #expect(try configuration("[http]\nhost = \"off\"\n[control]\nsocket = \"off\"").operatorConnections == 0)
    }

    @Test("counts what it is sent and what it says")
    func stats() async throws {
        try await RunningRelay.run("", folder: self.folder, isControlled: true) { address in
            let player = try await SocketClient.connect(to: address)
            player.send(#"{"type":"join","room":"lobby"}"#)
            _ = await player.next("joined")
            player.send(#"{"type":"say"}"#)
            _ = await player.next("say")
            player.send(#"{"type":"joined"}"#)
            _ = await player.next("error")
            try await ControlClient.with(self.socket) { client in
                let stats = try await client.call(Commands.stats, NoArguments())
                #expect(stats.joins == 1)
                #expect(stats.messagesReceived == 3)
                #expect(stats.messagesSent == 3)
                #expect(stats.refusals == [RelayStats.Refusals(reason: "reserved_type", count: 1)])
                #expect(stats.messageMicroseconds.count == 3)
                #expect(stats.fanoutClients.maximum == 1)
                #expect(stats.memoryBytes > 1 << 20)
            }
        }
    }

    @Test("shows its rooms, speaks to them, and ends what an operator wants ended")
    func rooms() async throws {
        try await RunningRelay.run("", folder: self.folder, isControlled: true) { address in
            let ada = try await SocketClient.connect(to: address)
            ada.send(#"{"type":"join","room":"lobby","name":"Ada"}"#)
            _ = await ada.next("joined")
            let bo = try await SocketClient.connect(to: address)
            bo.send(#"{"type":"join","room":"lobby","name":"Bo"}"#)
            _ = await bo.next("joined")
            try await ControlClient.with(self.socket) { client in
                let list = try await client.call(Commands.rooms, RoomsArguments())
                #expect(list.rooms.map(\.room) == ["lobby"])
                #expect(list.rooms.first?.clients == 2)
                let room = try await client.call(Commands.room, RoomArguments(room: "lobby"))
                #expect(room.clients.map(\.name) == ["Ada", "Bo"])
                #expect(room.clients.map(\.client) == [1, 2])
                let notice = NoticeArguments(text: "In \"five\" minutes")
                #expect(try await client.call(Commands.notice, notice) == NoticeOutcome(rooms: 1))
                let heard = await ada.next("notice")
                #expect(heard?["text"] == "In \"five\" minutes")
                #expect(heard?[number: "msg_id"] == 1)
                _ = try await client.call(Commands.kick, KickArguments(room: "lobby", client: 2, reason: "rude"))
                #expect(await bo.next("left")?["reason"] == "kicked")
                _ = try await client.call(Commands.close, CloseArguments(room: "lobby"))
                #expect(await ada.next("left")?["reason"] == "closed")
            }
        }
    }

    @Test("ends when it is told to, as on SIGTERM, and removes its socket")
    func drain() async throws {
        try await RunningRelay.run("", folder: self.folder, isControlled: true) { address in
            let player = try await SocketClient.connect(to: address)
            player.send(#"{"type":"join","room":"lobby"}"#)
            _ = await player.next("joined")
            _ = try await ControlClient.with(self.socket) { try await $0.call(Commands.drain, NoArguments()) }
            #expect(await player.next("closing") != nil)
        }
        #expect(!FileManager.default.fileExists(atPath: self.socket))
    }

    @Test("does not start where another has its socket")
    func twice() async throws {
        try await RunningRelay.run("", folder: self.folder, isControlled: true) { _ in
            let error = await #expect(throws: ControlSocketError.self) {
                try await RunningRelay.run("", folder: self.folder, isControlled: true) { _ in }
            }
            #expect(error?.cause == .inUse)
        }
    }
}
