import Foundation
import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The relay as a process that is ended and started again. Confined to an event loop.
final class RelayProcess {
    /// How it is to end.
    private enum Order {
        case kill, stop
    }

    /// How it ended, as it was told or not.
    enum Ending {
        case asTold
        /// In words.
        case wrong(String)
    }

    private let program: URL
    private let folder: RelayFolder
    private let eventLoop: any EventLoop
    private var process: Process?
    private var order: Order?
    /// Called when it has ended.
    var onEnd: (Ending) -> Void = { _ in }
    private(set) var starts = 0
    private(set) var kills = 0
    private(set) var stops = 0
    private(set) var pauses = 0

    init(program: URL, folder: RelayFolder, eventLoop: any EventLoop) {
        self.program = program
        self.folder = folder
        self.eventLoop = eventLoop
    }

    var isRunning: Bool { self.process != nil }

    func start() throws {
        precondition(self.process == nil)
        let process = Process()
        process.executableURL = self.program
        process.arguments = ["serve", "--config", self.folder.configuration.path]
        process.environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("GAVEL_") }
        let output = try FileHandle(forWritingTo: self.folder.output)
        try output.seekToEnd()
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = output
        let relay = NIOLoopBound(self, eventLoop: self.eventLoop)
        let eventLoop = self.eventLoop
        process.terminationHandler = { process in
            let (status, isSignal) = (process.terminationStatus, process.terminationReason == .uncaughtSignal)
            eventLoop.execute { relay.value.ended(status: status, isSignal: isSignal) }
        }
        try process.run()
        try output.close()
        self.process = process
        self.order = nil
        self.starts += 1
    }

    /// SIGKILL.
    func kill() {
        guard let process, self.order != .kill else { return }
        if self.order == nil { self.kills += 1 }
        self.order = .kill
        self.signal(process, SIGKILL)
    }

    /// SIGTERM; it has `limit` to end in good order.
    func stop(within limit: Duration) {
        guard let process, self.order == nil else { return }
        self.stops += 1
        self.order = .stop
        self.signal(process, SIGTERM)
        self.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(limit)) {
            guard self.process === process else { return }
            self.order = nil
            self.signal(process, SIGKILL)
        }
    }

    /// SIGSTOP for a while.
    func pause(for duration: Duration) {
        guard let process, self.order == nil else { return }
        self.pauses += 1
        self.signal(process, SIGSTOP)
        self.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(duration)) {
            guard self.process === process else { return }
            self.signal(process, SIGCONT)
        }
    }

    /// The last lines that it wrote.
    func lastWords() -> String {
        let text = (try? String(contentsOf: self.folder.output, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").suffix(5).joined(separator: "\n")
    }

    /// Lines of its log that are warnings or worse.
    func complaints() -> [String] {
        let text = (try? String(contentsOf: self.folder.output, encoding: .utf8)) ?? ""
        let lines = text.split(separator: "\n").map(String.init)
        return lines.filter { line in
            !line.hasPrefix("{") || ["warning", "error", "critical"].contains { line.contains(#""level":"\#($0)""#) }
        }
    }

    private func signal(_ process: Process, _ signal: CInt) {
        #if canImport(Glibc)
            _ = Glibc.kill(process.processIdentifier, signal)
        #elseif canImport(Musl)
            _ = Musl.kill(process.processIdentifier, signal)
        #else
            _ = Darwin.kill(process.processIdentifier, signal)
        #endif
    }

    private func ended(status: Int32, isSignal: Bool) {
        self.process = nil
        let how = isSignal ? "signal \(status)" : "status \(status)"
        switch (self.order, isSignal, status) {
        case (.kill, true, SIGKILL), (.stop, false, 0): self.onEnd(.asTold)
        // It was about to end by itself when it was killed.
        case (.kill, false, 0): self.onEnd(.asTold)
        case (.stop, _, _): self.onEnd(.wrong("told to stop, it ended with \(how)"))
        case (nil, true, SIGKILL): self.onEnd(.wrong("told to stop, it did not end in time"))
        default: self.onEnd(.wrong("it ended by itself, with \(how)"))
        }
    }
}

@available(*, unavailable)
extension RelayProcess: Sendable {}
