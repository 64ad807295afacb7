import Foundation
import Synchronization

/// The program `gavel`, as it was built beside these tests.
enum GavelProgram {
    struct Result: Sendable {
        var code: Int32
        var output: String
        var complaint: String

        /// The output as a JSON object.
        var json: [String: Any]? {
            (try? JSONSerialization.jsonObject(with: Data(self.output.utf8))) as? [String: Any]
        }
    }

    struct Missing: Error {}

    private static func url() throws -> URL {
        let tests = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        let url = tests.deletingLastPathComponent().appending(path: "gavel")
        guard FileManager.default.isExecutableFile(atPath: url.path) else { throw Missing() }
        return url
    }

    private static func process(_ arguments: [String]) throws -> Process {
        let process = Process()
        process.executableURL = try self.url()
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("GAVEL_") }
        process.standardInput = FileHandle.nullDevice
        return process
    }

    /// Runs it to its end; what it prints fits into a pipe.
    static func run(_ arguments: [String]) async throws -> Result {
        let (output, complaint) = (Pipe(), Pipe())
        let process = try self.process(arguments)
        (process.standardOutput, process.standardError) = (output, complaint)
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            process.terminationHandler = { _ in continuation.resume() }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
        func text(_ pipe: Pipe) throws -> String {
            String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        }
        return Result(code: process.terminationStatus, output: try text(output), complaint: try text(complaint))
    }

    /// Runs it until `body` ends, which is given the lines that it prints.
    static func listen(_ arguments: [String], _ body: (AsyncStream<String>) async throws -> Void) async throws {
        let output = Pipe()
        let process = try self.process(arguments)
        (process.standardOutput, process.standardError) = (output, FileHandle.nullDevice)
        let (lines, continuation) = AsyncStream.makeStream(of: String.self)
        let rest = Mutex<[UInt8]>([])
        output.fileHandleForReading.readabilityHandler = { handle in
            let data = handle.availableData
            guard !data.isEmpty else { return continuation.finish() }
            rest.withLock { rest in
                rest += data
                while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                    continuation.yield(String(decoding: rest[..<end], as: UTF8.self))
                    rest.removeFirst(end + 1)
                }
            }
        }
        try process.run()
        defer {
            output.fileHandleForReading.readabilityHandler = nil
            process.terminate()
        }
        try await body(lines)
    }
}
