import Foundation

/// One of the process's streams, where it is a terminal.
struct Terminal: Sendable {
    static let output = Terminal(STDOUT_FILENO)
    static let errors = Terminal(STDERR_FILENO)

    private let descriptor: CInt

    private init(_ descriptor: CInt) {
        self.descriptor = descriptor
    }

    /// Its columns; `nil`: it is none.
    var width: Int? {
        guard isatty(self.descriptor) == 1 else { return nil }
        var size = winsize()
        guard ioctl(self.descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    func write(_ text: String) {
        try? FileHandle(fileDescriptor: self.descriptor).write(contentsOf: Array(text.utf8))
    }
}
